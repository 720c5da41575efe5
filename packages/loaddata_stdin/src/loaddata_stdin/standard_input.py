"""The bytes of standard input, where something is sent to it."""

from __future__ import annotations

import io
import sys
from typing import IO, Any, BinaryIO, cast

from loaddata_stdin.exceptions import FixtureSyntaxError

__all__ = ["as_bytes", "standard_input"]


def standard_input() -> BinaryIO:
    """Return the bytes of `sys.stdin`, which stays open.

    Raises:
        FixtureSyntaxError: it is closed, or a terminal.
    """
    stream: IO[Any] | None = sys.stdin
    if stream is None or stream.closed:
        message = "it is closed; send a fixture to it."
        raise FixtureSyntaxError(message)
    if stream.isatty():
        message = (
            "it is a terminal; send a fixture to it:"
            " manage.py loaddata - < site-config.yaml"
        )
        raise FixtureSyntaxError(message)
    return as_bytes(stream)


def as_bytes(stream: IO[Any] | bytes) -> BinaryIO:
    """Return what reads the bytes of a stream, of a text or of nothing but bytes."""
    if isinstance(stream, bytes):
        return io.BytesIO(stream)
    # Bytes where there are any: the text layer would decode them by the locale.
    content = getattr(stream, "buffer", stream)
    if isinstance(content, io.TextIOBase):
        content = _Encoded(content)
    # Whatever has taken the place of standard input has a `read` that takes a size.
    return cast("BinaryIO", content)


class _Encoded:
    """A text without bytes below it, as the bytes of UTF-8."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text

    def read(self, size: int) -> bytes:
        return self._text.read(size).encode("utf-8", "surrogatepass")
