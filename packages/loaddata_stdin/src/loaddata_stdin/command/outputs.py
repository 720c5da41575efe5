"""Standard output and error that are closed, full, or that nobody reads any more."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from loaddata_stdin.exceptions import LoaddataStdinError

__all__ = ["UntilUnread", "in_place_of_closed", "saying"]


def in_place_of_closed() -> dict[str, io.StringIO]:
    """Return what takes the text of outputs that are closed (`>&-`), by their names."""
    names = ("stdout", "stderr")
    return {name: io.StringIO() for name in names if getattr(sys, name) is None}


class UntilUnread:
    """An output that takes text for nobody once its reader has gone, as in `| head`.

    Whoever read it has seen enough: the load goes on.
    """

    def __init__(self, out: Any, *, is_program: bool) -> None:
        """Write to one of Django's wrappers of outputs.

        Args:
            out: the wrapper.
            is_program: whether the process ends afterwards, and flushes it again.
        """
        self._out = out
        self._is_program = is_program
        self._is_unread = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)

    def write(self, text: str) -> None:
        """Write a text that has its line end."""
        self._try(lambda: self._out.write(text, ending=""))

    def flush(self) -> None:
        """Write what is buffered."""
        self._try(self._out.flush)

    def _try(self, write: Callable[[], object]) -> None:
        if not self._is_unread:
            try:
                write()
            except BrokenPipeError:
                self._is_unread = True
                if self._is_program:
                    _discard(self._out)


def _discard(out: Any) -> None:
    """Let the system take what is still written to a file, buffered text included."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, out.fileno())
    os.close(null)


@contextmanager
def saying(out: Any, name: str, done: str, *, is_program: bool) -> Iterator[None]:
    """Say what has been done; that it cannot be said does not undo it.

    Args:
        out: a stream, which is flushed.
        name: that of the stream or file that has been read.
        done: what has been done.
        is_program: whether the process ends afterwards, and flushes it again.

    Raises:
        LoaddataStdinError: it takes no more text, as on a disk that is full.
    """
    try:
        yield
        out.flush()
    except OSError as error:
        if is_program:
            _discard(sys.stdout)
        message = f"{name}: {done}, but that cannot be said: {error.strerror}."
        raise LoaddataStdinError(message) from error
