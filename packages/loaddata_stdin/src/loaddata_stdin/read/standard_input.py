"""The bytes of standard input, or of whatever else can be read."""

from __future__ import annotations

import codecs
import io
import select
import sys
from typing import IO, Any

from loaddata_stdin.exceptions import FixtureSyntaxError

__all__ = ["Bytes", "as_bytes", "standard_input"]

# Any in this module: streams of text or bytes.


class Bytes:
    """The bytes of a stream; those of a text are UTF-8, whatever it says in it.

    Attributes:
        stream: what is read; it is left open.
        is_text: whether it gives text.
    """

    def __init__(self, stream: IO[Any]) -> None:
        self.stream = stream
        self.is_text = isinstance(stream.read(0), str)

    def read(self, size: int) -> bytes:
        """Return at most so many bytes, or characters; none at the end.

        Raises:
            FixtureSyntaxError: the text is not in the encoding that it was opened with.
        """
        try:
            # Where it does not block, None is a pause and no end.
            while (data := self.stream.read(size)) is None:
                select.select([self.stream], [], [])
        except UnicodeDecodeError as error:
            message = (
                f"byte 0x{error.object[error.start]:02x} is no {error.encoding}, with"
                " which the stream was opened; open it in binary mode."
            )
            raise FixtureSyntaxError(message) from error
        if self.is_text:
            data = data.encode("utf-8", "surrogatepass")
        return bytes(data)


def standard_input() -> Bytes:
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
    # The text layer would decode them by the locale.
    return Bytes(getattr(stream, "buffer", stream))


def as_bytes(stream: IO[Any] | bytes) -> Bytes:
    """Return the bytes of a stream from where it stands."""
    if isinstance(stream, bytes):
        return Bytes(io.BytesIO(stream))
    if stream is sys.stdin or _is_untouched(stream):
        # They may be compressed, which text cannot be.
        stream = getattr(stream, "buffer", stream)
    return Bytes(stream)


def _is_untouched(text: Any) -> bool:
    """Return whether the bytes below a text begin where the text does."""
    try:
        is_known = codecs.lookup(text.encoding).name in {"ascii", "utf-8"}
        return is_known and text.tell() == text.buffer.tell()
    except (AttributeError, LookupError, OSError, TypeError, ValueError):
        return False
