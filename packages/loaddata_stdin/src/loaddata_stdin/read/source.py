"""The bytes of a stream, read forwards, with a place and a way to give some back."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from loaddata_stdin.exceptions import FixtureSyntaxError

__all__ = ["CHUNK_SIZE", "Readable", "Source", "TextReader"]

CHUNK_SIZE = 64 * 1024
_BOM = codecs.BOM_UTF8
_SPACE = b" \t\r\n"
_DEEPEST = 1024  # Deeper indentation is that of no fixture.


class Readable(Protocol):
    """The only method of a stream of bytes that is called."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes; none at the end."""


def _nowhere(keys: Sequence[str]) -> None:
    """Know of no place."""


class Source:
    """UTF-8 from chunk to chunk.

    Attributes:
        line: the place of the next byte, from 1.
        column: the same in its line, from 1, in characters.
        indentation: the white space that was skipped in a line that begins with it.
        is_text: whether it was text before it became these bytes.
        is_over: whether all has been read; else a file of an archive may have ended.
        is_end_marked: whether the last document could not have been cut off unseen.
        place_of: returns the line and column of a value of the last object, by its keys;
            None where it cannot be told.
    """

    def __init__(self, chunks: Iterator[bytes], *, is_text: bool = False) -> None:
        """Read chunks; an empty one stands between the files of an archive."""
        self._chunks = chunks
        self.is_text = is_text
        self._back = b""
        self.indentation = b""
        # An end that has been read, and one that stands behind what was given back.
        self._has_ended = self._ends_again = False
        self.line = self.column = 1
        self.is_over = self.is_end_marked = False
        self.place_of: Callable[[Sequence[str]], tuple[int, int] | None] = _nowhere

    def read(self) -> bytes:
        """Return some bytes; none at the end of a file. The place is not moved."""
        if self._back:
            data, self._back = self._back, b""
            return data
        chunk = b"" if self._ends_again else next(self._chunks, None)
        self._ends_again = False
        self.is_over = chunk is None
        self._has_ended = not chunk
        if not chunk:
            self.line, self.column, self.indentation = 1, 1, b""
        return chunk or b""

    def give_back(self, data: bytes, line: int, column: int) -> None:
        """Take bytes back that a decoder did not use, and where they stand."""
        if data:
            self._back = data + self._back
            self._ends_again = self._has_ended
            self.line, self.column, self.indentation = line, column, b""

    def skip_space(self) -> bytes:
        """Go to the next document; return its first bytes, none at the end of a file."""
        while data := self.read():
            # A byte order mark stands between files that were put together.
            rest = data.lstrip(_SPACE).removeprefix(_BOM).lstrip(_SPACE)
            self._move(data[: len(data) - len(rest)])
            if not rest:
                continue
            if (
                len(rest) < len(_BOM)
                and _BOM.startswith(rest)
                and (more := self.read())
            ):
                self._back = rest + more
                continue
            self._back = rest + self._back
            return rest
        return b""

    def _move(self, skipped: bytes) -> None:
        text = skipped.replace(_BOM, b"")
        *lines, last = text.split(b"\n")
        is_indented = lines or len(self.indentation) == self.column - 1
        indentation = last if lines else self.indentation + last
        self.column = len(last) + (1 if lines else self.column)
        self.line += len(lines)
        fits = is_indented and len(indentation) <= _DEEPEST
        self.indentation = indentation if fits else b""


class TextReader:
    """The text of a file of a source.

    Attributes:
        is_at_end: whether all has been read.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._line, self._column = source.line, source.column
        self._error: UnicodeDecodeError | None = None
        self.is_at_end = False

    def read(self) -> str:
        """Return more text; none only at the end.

        Raises:
            FixtureSyntaxError: the bytes are no UTF-8.
        """
        text = ""
        while not text and not self.is_at_end:
            if self._error:
                raise self._refusal(self._error) from self._error
            text = self._more()
        lines = text.count("\n")
        self._line += lines
        self._column = len(text) - text.rfind("\n") + (0 if lines else self._column - 1)
        return text

    def _more(self) -> str:
        data = self._source.read()
        self.is_at_end = not data
        try:
            return self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            # What stands before is a text; then it can be told where the error is.
            self.is_at_end, self._error = False, error
            return error.object[: error.start].decode()

    def _refusal(self, error: UnicodeDecodeError) -> FixtureSyntaxError:
        return FixtureSyntaxError(
            f"line {self._line}, column {self._column}: byte"
            f" 0x{error.object[error.start]:02x} is no UTF-8; convert the fixture to it."
        )

    def give_back(self, text: str, line: int, column: int) -> None:
        """Give back what was not used, with what has not become text yet."""
        tail = self._error.object[self._error.start :] if self._error else b""
        tail = tail or self._decoder.getstate()[0]
        self._source.give_back(text.encode() + tail, line, column)
