"""Send files from an ASGI server.

Django warns about every file that it serves there, since it reads the whole of it before
the first byte is sent. Static files and uploads are read piece by piece instead.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest

__all__ = ["stream_files"]


def stream_files(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], Any]:
    """Return a middleware that makes the content of streams asynchronous, on ASGI."""

    def stream(request: HttpRequest) -> Any:
        response = get_response(request)
        is_stream = response.streaming and not response.is_async
        if is_stream and isinstance(request, ASGIRequest):
            response.streaming_content = _read(response.streaming_content)
        return response

    return stream


async def _read(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    iterator = iter(chunks)

    def read() -> bytes | None:
        return next(iterator, None)

    while (chunk := await sync_to_async(read)()) is not None:
        yield chunk
