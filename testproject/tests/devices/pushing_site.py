"""Views that push, for test_push.py."""

from __future__ import annotations

import threading
from typing import Any

from django.dispatch import Signal, receiver
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

rang = Signal()


@receiver(rang)
def push_from_signal(data: str, **kwargs: Any) -> None:
    from devices.workers.pushing import push

    push("device-0", "ring", data)


def _answer(problems: list[str] | None = None) -> HttpResponse:
    return HttpResponse("\n".join(problems or []))


def sync_view(request: HttpRequest) -> HttpResponse:
    push_from_signal(data="sync view")
    return _answer()


def sync_signal(request: HttpRequest) -> HttpResponse:
    rang.send(None, data="signal of a sync view")
    return _answer()


async def async_view(request: HttpRequest) -> HttpResponse:
    from devices.workers.pushing import apush

    await apush("device-0", "ring", "async view")
    return _answer()


async def async_signal(request: HttpRequest) -> HttpResponse:
    rang.send(None, data="signal on the loop")
    return _answer()


async def async_signal_awaited(request: HttpRequest) -> HttpResponse:
    await rang.asend(None, data="awaited signal")
    return _answer()


def foreign_thread(request: HttpRequest) -> HttpResponse:
    thread = threading.Thread(target=push_from_signal, kwargs={"data": "thread"})
    thread.start()
    thread.join(10)
    return _answer()


def foreign_loop(request: HttpRequest) -> HttpResponse:
    import asyncio

    from devices.workers.pushing import apush

    def work() -> None:
        asyncio.run(apush("device-0", "ring", "foreign loop"))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10)
    return _answer()


def site_view(request: HttpRequest) -> HttpResponse:
    from devices.workers.pushing import push_to_site

    push_to_site("site-1", "ring", "site")
    return _answer()


VIEWS = {
    "sync view": sync_view,
    "signal of a sync view": sync_signal,
    "async view": async_view,
    "signal on the loop": async_signal,
    "awaited signal": async_signal_awaited,
    "thread": foreign_thread,
    "foreign loop": foreign_loop,
    "site": site_view,
}
urlpatterns = [
    *(path(f"{name.replace(' ', '-')}/", view) for name, view in VIEWS.items()),
    path("", include("testproject.urls")),
]
