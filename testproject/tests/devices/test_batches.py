from __future__ import annotations

import asyncio

import pytest

from devices.workers.batches import BATCH_ROWS, Batches


class Store:
    """A database that fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.batches: list[list[int]] = []

    async def save(self, rows: list[int]) -> None:
        if self.failures:
            self.failures -= 1
            message = "server closed the connection\nunexpectedly"
            raise OSError(message)
        self.batches.append(rows)


def test_rows_are_stored_in_batches_and_in_their_order() -> None:
    async def story() -> None:
        store = Store()
        batches = Batches(store.save)
        futures = [await batches.add(row) for row in range(BATCH_ROWS + 1)]
        assert not any(future.done() for future in futures)

        await batches.flush()

        assert [len(batch) for batch in store.batches] == [BATCH_ROWS, 1]
        assert [row for batch in store.batches for row in batch] == [
            *range(BATCH_ROWS + 1)
        ]
        assert all(future.done() for future in futures)

    asyncio.run(story())


def test_a_row_is_acknowledged_only_once_the_database_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        store = Store(failures=1)
        batches = Batches(store.save)
        future = await batches.add(1)
        with caplog.at_level("INFO", "devices"):
            await batches.flush()

        assert future.done()
        assert store.batches == [[1]]

    asyncio.run(story())
    assert caplog.messages == ["1 readings wait: server closed the connection"]


def test_who_adds_to_a_full_queue_waits() -> None:
    async def story() -> None:
        store = Store()
        batches = Batches(store.save, room=2)
        for row in (1, 2):
            await batches.add(row)
        third = asyncio.ensure_future(batches.add(3))
        done, _ = await asyncio.wait([third], timeout=0.05)
        assert not done

        await batches.flush()

        await asyncio.wait_for(third, 1)
        await batches.flush()
        assert store.batches == [[1, 2], [3]]

    asyncio.run(story())


def test_batches_are_stored_without_being_asked() -> None:
    async def story() -> None:
        store = Store()
        batches = Batches(store.save)
        running = asyncio.ensure_future(batches.run())
        for row in (1, 2):
            await asyncio.wait_for(await batches.add(row), 5)
        running.cancel()
        assert store.batches == [[1], [2]]

    asyncio.run(story())
