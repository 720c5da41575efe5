"""Capture what steps write, at the level of file descriptors.

So programs that a step starts are captured, too, and bytes of any encoding. A program
in the background that keeps the pipe open delays nothing.
"""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Tail", "captured"]

#: What a report keeps of a step's output: its end.
TAIL_BYTES = 64 * 1024
CHUNK_BYTES = 1 << 16


class Tail:
    """The last bytes that were written; `size_bytes` counts all."""

    def __init__(self) -> None:
        self._kept = b""
        self.size_bytes = 0

    def add(self, data: bytes) -> None:
        """Keep the end of what was kept and `data`."""
        self._kept = (self._kept + data)[-TAIL_BYTES:]
        self.size_bytes += len(data)

    def __str__(self) -> str:
        return self._kept.decode(errors="replace")


@contextmanager
def captured(tail: Tail, shown_on: int) -> Iterator[None]:
    """Read what is written to standard output and error within the block.

    Args:
        tail: what keeps it.
        shown_on: the descriptor on which it is shown at once.
    """
    _flush()
    reading, writing = os.pipe()
    shown, *before = (os.dup(number) for number in (shown_on, 1, 2))
    for number in (1, 2):
        os.dup2(writing, number)
    os.close(writing)
    ended = threading.Event()
    reader = threading.Thread(target=_read, args=(reading, shown, tail, ended))
    reader.start()
    try:
        yield
    finally:
        _flush()
        for number, former in enumerate(before, start=1):
            os.dup2(former, number)
            os.close(former)
        ended.set()
        reader.join()
        os.close(reading)
        os.close(shown)


def _read(reading: int, shown: int, tail: Tail, ended: threading.Event) -> None:
    while True:
        # After the end nobody but a program in the background writes.
        is_over = ended.is_set()
        ready, _, _ = select.select([reading], [], [], 0 if is_over else 0.05)
        data = os.read(reading, CHUNK_BYTES) if ready else b""
        if data:
            tail.add(data)
            _write_all(shown, data)
        elif ready or is_over:
            return


def _write_all(number: int, data: bytes) -> None:
    while data:
        data = data[os.write(number, data) :]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
