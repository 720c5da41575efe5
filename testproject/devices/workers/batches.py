"""Rows on their way to the database, in batches; a row is stored before it is owned up.

The queue has an end: who adds to a full one waits, then the server reads no more from
that connection, then TCP tells the device to wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

__all__ = ["Batches"]

Row = TypeVar("Row")

logger = logging.getLogger("devices")

BATCH_ROWS = 500
QUEUE_ROWS = 5000
PAUSE_S = 0.1  # Between two batches: what comes meanwhile is the next one.
RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)


class Batches(Generic[Row]):
    """Stores rows in batches, in their order, and retries until they are stored."""

    def __init__(
        self, save: Callable[[list[Row]], Awaitable[None]], room: int = QUEUE_ROWS
    ) -> None:
        self._save = save
        self._room = asyncio.Semaphore(room)
        self._has_rows = asyncio.Event()
        # Rows that are not stored, with the future of each.
        self._queue: list[tuple[Row, asyncio.Future[None]]] = []

    async def add(self, row: Row) -> asyncio.Future[None]:
        """Queue a row once there is room; the future ends when it is stored."""
        await self._room.acquire()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((row, future))
        self._has_rows.set()
        return future

    async def run(self) -> None:
        """Store batches for ever."""
        while True:
            await self._has_rows.wait()
            await self.flush()
            await asyncio.sleep(PAUSE_S)

    async def flush(self) -> None:
        """Store what is queued."""
        while self._queue:
            batch = self._queue[:BATCH_ROWS]
            await self._store([row for row, _ in batch])
            del self._queue[: len(batch)]
            for _, future in batch:
                self._room.release()
                if not future.done():
                    future.set_result(None)
        self._has_rows.clear()

    async def _store(self, rows: list[Row]) -> None:
        attempt = 0
        while True:
            try:
                await self._save(rows)
            except Exception as error:  # noqa: BLE001, PERF203 - rows are kept
                # A database that restarts is back after a second.
                level = logging.WARNING if attempt > 1 else logging.INFO
                logger.log(level, "%d readings wait: %s", len(rows), _first_line(error))
                await asyncio.sleep(RETRY_S[min(attempt, len(RETRY_S) - 1)])
                attempt += 1
            else:
                return


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
