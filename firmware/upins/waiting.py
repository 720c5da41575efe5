"""Waiting for I/O, the same on a microcontroller and on a computer."""

import asyncio
import select
import sys
import time

from port import ticks_add, ticks_diff, ticks_ms

# While there are pins to look at too, streams are polled for so long at once.
_SLICE_MS = 5


def wait(*sources, timeout_ms: int = -1):
    """Return the first source that is ready, or None if none was in time.

    Args:
        sources: streams, which are ready if they can be read, and armed `Pin`s, which
            are if an edge came.
        timeout_ms: how long to wait, -1 for ever.
    """
    pins = [source for source in sources if hasattr(source, "is_ready")]
    streams = [source for source in sources if source not in pins]
    poll = select.poll()
    for stream in streams:
        poll.register(stream, select.POLLIN)
    deadline = ticks_add(ticks_ms(), max(timeout_ms, 0))
    while True:
        for pin in pins:
            if pin.is_ready():
                return pin
        left = max(ticks_diff(deadline, ticks_ms()), 0) if timeout_ms >= 0 else -1
        if pins or not streams:
            left = min(left, _SLICE_MS) if left >= 0 else _SLICE_MS
        if streams:
            for ready in poll.poll(left):
                return _source_of(ready[0], streams)
        else:
            time.sleep(left / 1000)
        if timeout_ms >= 0 and ticks_diff(deadline, ticks_ms()) <= 0:
            return next((pin for pin in pins if pin.is_ready()), None)


def _source_of(found, streams: list):
    """Return the stream that a poll names: itself, or on CPython by its number."""
    if isinstance(found, int):
        return [stream for stream in streams if stream.fileno() == found][0]
    return found


if sys.implementation.name == "micropython":

    async def readable(stream) -> None:
        """Wait until the stream can be read."""
        await asyncio.StreamReader(stream).read(0)

else:
    from port.desktop_aio import readable  # noqa: F401
