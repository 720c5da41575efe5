"""A bar on a terminal: how far a load is, how fast, and how long it will take."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING, Any, TextIO

from tqdm import tqdm

from loaddata_stdin.read.standard_input import Bytes

if TYPE_CHECKING:
    from loaddata_stdin.objects import FixtureObject

__all__ = ["Progress"]


class Progress:
    """Shows how far a load is, on a terminal; elsewhere it shows nothing.

    Where standard input is a file the bytes are counted, as they are read: its size is
    known. Else the objects are.
    """

    def __init__(
        self, stream: Bytes, shown_on: TextIO | None, *, is_wanted: bool
    ) -> None:
        """Show nothing yet; without an open `shown_on` nothing ever."""
        self._stream = stream
        self.is_text = stream.is_text
        self._size = _size(stream.stream)
        is_shown = is_wanted and shown_on is not None and shown_on.isatty()
        self._bar: tqdm[Any] = tqdm(  # Any: of nothing that it yields
            total=self._size,
            unit="obj" if self._size is None else "B",
            unit_scale=True,
            file=shown_on,
            leave=False,
            disable=not is_shown,
        )

    def read(self, size: int) -> bytes:
        """Read from the stream, and count that."""
        data = self._stream.read(size)
        if self._size is not None:
            self._bar.update(len(data))
        return data

    def counted(self, objects: Iterable[FixtureObject]) -> Iterable[FixtureObject]:
        """Return objects, which are counted where bytes are not."""
        if self._bar.disable or self._size is not None:
            return objects
        return self._counted(objects)

    def _counted(self, objects: Iterable[FixtureObject]) -> Iterator[FixtureObject]:
        for item in objects:
            yield item
            self._bar.update()

    def say_phase(self, text: str) -> None:
        """Show what is done now."""
        self._bar.set_description(text)

    def say(self, line: str, to: Any) -> None:  # Any: Django's OutputWrapper
        """Write a line that is no part of the bar."""
        self._bar.clear()
        try:
            to.write(line)
        except UnicodeEncodeError as error:
            to.write(line.encode(error.encoding, "backslashreplace").decode())
        self._bar.refresh()

    def close(self) -> None:
        """Leave nothing on the terminal."""
        self._bar.close()


def _size(stream: IO[Any]) -> int | None:
    """Return the bytes that a regular file has still got; None for anything else."""
    try:
        status = os.fstat(stream.fileno())
        return status.st_size - stream.tell() if stat.S_ISREG(status.st_mode) else None
    except (AttributeError, OSError, ValueError):
        return None
