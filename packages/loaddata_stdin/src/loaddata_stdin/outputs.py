"""Standard output and error that are closed, full, or that nobody reads any more."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from loaddata_stdin.exceptions import LoaddataStdinError

__all__ = ["in_place_of_closed", "saying"]


def in_place_of_closed() -> dict[str, io.StringIO]:
    """Return what takes the text of outputs that are closed (`>&-`), by their names."""
    names = ("stdout", "stderr")
    return {name: io.StringIO() for name in names if getattr(sys, name) is None}


@contextmanager
def saying(out: Any, done: str, *, is_program: bool) -> Iterator[None]:
    """Say what has been done; that it cannot be said does not undo it.

    Args:
        out: a stream, which is flushed.
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
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):  # Whoever read it has seen enough.
            return
        message = f"stdin: {done}, but that cannot be said: {error.strerror}."
        raise LoaddataStdinError(message) from error
