"""A TCP proxy on loopback that delays each direction, as a network far away does.

Each chunk is sent on when its time has come; chunks keep their order and overlap in time,
so bandwidth is not limited, only latency. A delay of 25 ms each way is a round trip of 50.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time


class DelayProxy:
    """`with DelayProxy(port, delay_s) as proxy`: connect to `proxy.port` instead."""

    def __init__(self, target_port, delay_s):
        self.target_port = target_port
        self.delay_s = delay_s
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(self._start(), self._loop)
        self.port = started.result(20)
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    async def _start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def _stop(self):
        self._server.close()
        tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        await asyncio.sleep(2 * self.delay_s)  # the handshake is a round trip, too
        there, back = await asyncio.open_connection("127.0.0.1", self.target_port)
        # Cancelled at the end of the benchmark.
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, reader, writer):
        queue = asyncio.Queue()
        sender = asyncio.create_task(self._send(queue, writer))
        while chunk := await reader.read(1 << 16):
            queue.put_nowait((time.monotonic() + self.delay_s, chunk))
        queue.put_nowait((time.monotonic() + self.delay_s, b""))
        await sender

    async def _send(self, queue, writer):
        while True:
            at, chunk = await queue.get()
            await asyncio.sleep(max(at - time.monotonic(), 0))
            if not chunk:
                writer.close()
                return
            writer.write(chunk)
            await writer.drain()
