"""CPython's half of `port.aio`."""

import asyncio
from socket import SHUT_RDWR

from port.desktop import POLLIN, POLLOUT


def make_waiter(stream):
    """Return the stream: CPython's event loop needs no more."""
    return stream


async def _wait(stream, mask: int) -> None:
    if mask == POLLIN and stream.has_pending():
        return
    loop = asyncio.get_running_loop()
    is_ready = loop.create_future()
    mask = stream.wants or mask
    reading = mask == POLLIN
    add, remove = (
        (loop.add_reader, loop.remove_reader)
        if reading
        else (loop.add_writer, loop.remove_writer)
    )
    handle = stream.socket.fileno()
    add(handle, lambda: is_ready.done() or is_ready.set_result(None))
    try:
        await is_ready
    finally:
        remove(handle)


async def read_soon(stream, view) -> int | None:
    """Wait, then read; None if the wait was in vain."""
    await _wait(stream, POLLIN)
    return stream.readinto(view)


async def write_rest(stream, data: bytes) -> None:
    """Write what the stream did not take at once."""
    start = 0
    while start < len(data):
        await _wait(stream, POLLOUT)
        start += stream.write(data, start, len(data) - start) or 0


def hang_up(stream, is_read: bool) -> None:
    """Close the stream; a task that reads it is woken and closes it itself."""
    if is_read:
        try:
            stream.socket.shutdown(SHUT_RDWR)
        except OSError:
            pass
    else:
        stream.close()


async def readable(stream) -> None:
    """Wait until a socket or a file can be read."""
    loop = asyncio.get_running_loop()
    is_ready = loop.create_future()
    handle = stream.fileno()
    loop.add_reader(handle, lambda: is_ready.done() or is_ready.set_result(None))
    try:
        await is_ready
    finally:
        loop.remove_reader(handle)
