"""The protocols side by side, and the hub that lives as long as the server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import socketio
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path, re_path

from devices.endpoints.consumers import DashboardConsumer, DeviceConsumer, EchoConsumer
from devices.endpoints.sockets import sio
from devices.workers.hub import ensure_hub, stop_hub

__all__ = ["with_devices"]

Application = Callable[[Any, Any, Any], Awaitable[None]]


def with_devices(django: Application) -> Application:
    """Return an ASGI application: Django's for pages, ours for devices."""
    dashboard = AuthMiddlewareStack(DashboardConsumer.as_asgi())
    router = ProtocolTypeRouter(
        {
            "http": socketio.ASGIApp(sio, django),
            "websocket": URLRouter(
                [
                    path("ws/device/", DeviceConsumer.as_asgi()),
                    path("ws/echo/", EchoConsumer.as_asgi()),
                    # It is let in by a cookie, which browsers send for other sites too.
                    path("ws/dashboard/", AllowedHostsOriginValidator(dashboard)),
                    re_path(r"^socket\.io/", socketio.ASGIApp(sio)),
                    re_path(r"", _not_found),  # type: ignore[arg-type]
                ]
            ),
        }
    )

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        # Daphne has no lifespan.
        await ensure_hub()
        await router(scope, receive, send)

    return application


async def _live(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await ensure_hub()
            await send({"type": "lifespan.startup.complete"})
        else:
            await stop_hub()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _not_found(scope: Any, receive: Any, send: Any) -> None:
    """Refuse an address that nothing takes; the router would log a traceback."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})
