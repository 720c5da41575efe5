"""A TCP proxy that injects a fault into each connection."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct


class Fault:
    """What happens to one connection. Limits count bytes from the server, or from us.

    Args:
        reset_at_once: reset it before anything is forwarded.
        cut_down, cut_up: close it after so many bytes to or from the client.
        is_reset: cut with a reset instead of an orderly end.
        silent_after: forward nothing more after so many bytes to the client, but keep
            the connection: a half-open link.
        stall_at, stall_s: pause after so many bytes to the client, once.
        dribble: forward one byte at a time, each in a packet of its own.
    """

    def __init__(
        self,
        *,
        reset_at_once=False,
        cut_down=None,
        cut_up=None,
        is_reset=False,
        silent_after=None,
        stall_at=None,
        stall_s=0.3,
        dribble=False,
    ):
        self.reset_at_once = reset_at_once
        self.cut_down = cut_down
        self.cut_up = cut_up
        self.is_reset = is_reset
        self.silent_after = silent_after
        self.stall_at = stall_at
        self.stall_s = stall_s
        self.dribble = dribble


class Proxy:
    """Forward to a port; the n-th connection gets the n-th fault, later ones none."""

    def __init__(self, target: int, faults: list[Fault]) -> None:
        self._target = target
        self._faults = list(faults)
        self.connections = 0

    async def start(self):
        """Listen; return the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self):
        """Stop listening."""
        self._server.close()

    async def _serve(self, reader, writer):
        self.connections += 1
        fault = self._faults.pop(0) if self._faults else Fault()
        if fault.reset_at_once:
            _reset(writer)
            return
        server = await asyncio.open_connection("127.0.0.1", self._target)
        handle = writer.get_extra_info("socket")
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = {"is_silent": False}
        up = asyncio.ensure_future(self._pump(reader, server[1], fault, link, "up"))
        down = asyncio.ensure_future(self._pump(server[0], writer, fault, link, "down"))
        await asyncio.wait((up, down), return_when=asyncio.FIRST_COMPLETED)
        for task in (up, down):
            task.cancel()
        await asyncio.gather(up, down, return_exceptions=True)
        server[1].close()
        if fault.is_reset:
            _reset(writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def _pump(self, reader, writer, fault, link, way):
        limit = fault.cut_down if way == "down" else fault.cut_up
        passed = 0
        has_stalled = False
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                if limit is not None and passed + len(data) >= limit:
                    writer.write(data[: limit - passed])
                    await writer.drain()
                    return
                if link["is_silent"]:
                    continue
                if way == "down":
                    if fault.silent_after is not None:
                        link["is_silent"] = passed + len(data) > fault.silent_after
                    stall = fault.stall_at
                    if stall is not None and passed + len(data) > stall:
                        if not has_stalled:
                            await self._forward(writer, data[: stall - passed], fault)
                            data, passed = data[stall - passed :], stall
                            await asyncio.sleep(fault.stall_s)
                        has_stalled = True
                passed += len(data)
                await self._forward(writer, data, fault)

    async def _forward(self, writer, data, fault):
        step = 1 if fault.dribble else len(data)
        for start in range(0, len(data), step or 1):
            writer.write(data[start : start + step])
            await writer.drain()
            if fault.dribble:
                await asyncio.sleep(0)


def _reset(writer):
    handle = writer.get_extra_info("socket")
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
