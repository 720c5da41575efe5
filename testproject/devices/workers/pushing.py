"""push() and apush(): reach devices and browsers from anywhere.

Sockets belong to the event loop of their server. A sync view, a foreign thread or
another loop hands the message to that loop; another process hands it to Redis, on a
loop of its own that lives as long as the process.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import os
import threading
from typing import Any

from django.conf import settings

from devices.models import Device
from devices.wire.limits import MAX_FRAME_BYTES
from devices.workers.hub import Message, publish, running_hub

__all__ = ["PushError", "apush", "apush_to_site", "disconnect", "push", "push_to_site"]

TIMEOUT_S = 10
_RESERVED = {"ack", "answer", "connect", "connect_error", "device", "disconnect", "id"}


class PushError(Exception):
    """The message could not be handed to the servers: the text says why."""


def push(device: Device | str, event: str, data: Any = None) -> None:
    """Send a command to a device, on whichever worker and protocol it is.

    It returns once the message is on its way; a device that is offline does not get it.
    On the server's own event loop it only schedules the message: use `apush` there.

    Args:
        device: the device or its slug.
        event: the name of the command, such as "led".
        data: what JSON can hold.

    Raises:
        PushError: this process cannot reach the servers, or Redis does not answer.
        ValueError: the event or the data cannot be sent.
    """
    _send(_message(event, data, device=_slug(device)))


def push_to_site(site: str, event: str, data: Any = None) -> None:
    """Send a command to every device of a site; otherwise like `push`."""
    _send(_message(event, data, site=site))


async def apush(device: Device | str, event: str, data: Any = None) -> None:
    """Do what `push` does, from a coroutine on any event loop."""
    await _asend(_message(event, data, device=_slug(device)))


async def apush_to_site(site: str, event: str, data: Any = None) -> None:
    """Do what `push_to_site` does, from a coroutine on any event loop."""
    await _asend(_message(event, data, site=site))


def disconnect(device: Device) -> None:
    """Send a device away whose tokens were revoked.

    Raises:
        PushError: as `push`; the device's worker sees it within a heartbeat anyway.
    """
    _send({"revoke": device.slug})


def _slug(device: Device | str) -> str:
    return device.slug if isinstance(device, Device) else device


def _message(event: str, data: Any, **to: str) -> Message:
    if not event or event in _RESERVED:
        message = f"the event {event!r} cannot be pushed; give it another name"
        raise ValueError(message)
    try:
        size = len(json.dumps(data, allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        message = f"the data of {event!r} cannot be sent as JSON: {error}"
        raise ValueError(message) from error
    if size > MAX_FRAME_BYTES:
        message = f"the data of {event!r} have {size} bytes, of {MAX_FRAME_BYTES}"
        raise ValueError(message)
    return {"push": event, "data": data, **to}


def _send(message: Message) -> None:
    loop = _home_loop()
    try:
        is_home = asyncio.get_running_loop() is loop
    except RuntimeError:
        is_home = False
    if is_home:
        hub = running_hub()
        if hub:
            hub.spawn(hub.tell(message))
        return
    future = asyncio.run_coroutine_threadsafe(_publish(message), loop)
    try:
        future.result(TIMEOUT_S)
    except concurrent.futures.TimeoutError as error:
        raise PushError(_TOO_LATE) from error


async def _asend(message: Message) -> None:
    loop = _home_loop()
    if asyncio.get_running_loop() is loop:
        await _publish(message)
        return
    future = asyncio.run_coroutine_threadsafe(_publish(message), loop)
    try:
        await asyncio.wait_for(asyncio.wrap_future(future), TIMEOUT_S)
    except asyncio.TimeoutError as error:
        raise PushError(_TOO_LATE) from error


_TOO_LATE = f"nothing took the message within {TIMEOUT_S} s; is Redis there?"


async def _publish(message: Message) -> None:
    try:
        await publish(message)
    except Exception as error:
        text = (str(error).splitlines() or [type(error).__name__])[0]
        reason = f"the channel layer did not take the message: {text}"
        raise PushError(reason) from error


def _home_loop() -> asyncio.AbstractEventLoop:
    if hub := running_hub():
        return hub.loop
    if not settings.REDIS_URL:
        message = (
            "no server of devices runs in this process; set REDIS_URL, here and for the"
            " servers, to push from another process."
        )
        raise PushError(message)
    return _own_loop()


_lock = threading.Lock()
_own: dict[int, asyncio.AbstractEventLoop] = {}  # By process: a fork has no threads.


def _own_loop() -> asyncio.AbstractEventLoop:
    with _lock:
        loop = _own.get(os.getpid())
        if loop is None:
            loop = _own[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, daemon=True).start()
        return loop
