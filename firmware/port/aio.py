"""asyncio on a stream that does not block: wait for it to be readable or writable."""

import asyncio
import sys

from port import wait_for

if sys.implementation.name == "micropython":
    make_waiter = asyncio.StreamReader

    def read_soon(waiter, view):
        """Return an awaitable: wait, then read; None if the wait was in vain."""
        return waiter.readinto(view)

    async def write_rest(waiter, data: bytes) -> None:
        """Write what the stream did not take at once."""
        waiter.write(data)
        await waiter.drain()

    def hang_up(stream, is_read: bool) -> None:
        """Close the stream; a task that reads it is woken by an error."""
        stream.close()

else:
    from port.desktop_aio import (  # noqa: F401
        hang_up,
        make_waiter,
        read_soon,
        write_rest,
    )


async def wait_connected(poll, stream) -> None:
    """Wait until the stream is writable.

    Polling, since not every port's socket may be written to while it connects.
    """
    while not wait_for(poll, stream, 4, 0):
        await asyncio.sleep(0.005)
