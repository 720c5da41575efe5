"""Two workers with Debian's Redis: pushes, a worker that dies, a Redis that restarts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import time
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from devices.workers.registry import HEARTBEAT_S
from tests.devices.servers import (
    TIMEOUT_S,
    DeviceSite,
    Redis,
    Servers,
    SocketDevice,
    browse,
    closed_with,
    dial,
    receive,
    receive_type,
    tell,
)

pytestmark = pytest.mark.redis


PUSHES = [
    "push('device-0', 'led', 1)",
    "push('device-1', 'led', 2)",
    "asyncio.run(apush('device-2', 'led', 3))",
    "push_to_site('site-1', 'led', 4)",
]


async def silence(device: Any) -> None:
    """Check that nothing else was sent: the next message is an acknowledgement."""
    await device.send('{"id": "last"}')
    assert await receive(device) == {"ack": "last"}


def test_a_push_of_another_process_reaches_every_worker_once(
    workers: Servers,
    tokens: list[str],
    pusher: subprocess.Popen[str],
) -> None:
    one, two = workers["uvicorn"], workers["daphne"]

    async def story() -> None:
        async with (
            browse(one) as page,
            browse(two) as other_page,
            dial(one, tokens[0]) as first,
            dial(two, tokens[1]) as second,
        ):
            third = await SocketDevice().open(two, tokens[2])
            fourth = await SocketDevice().open(one, tokens[3])
            for seen_by in (page, other_page):
                online = set()
                while len(online) < 4:
                    message = await receive(seen_by)
                    if message["type"] == "online":
                        online.add(message["device"])
                    elif message["type"] == "presence":
                        online |= set(message["online"])
            assert [await tell(pusher, push) for push in PUSHES] == ["pushed"] * 4
            assert await receive(first) == {"led": 1}
            assert await receive(second) == {"led": 2}
            assert await receive(second) == {"led": 4}
            assert await third.next() == ("led", 3)
            assert await fourth.next() == ("led", 4)
            await silence(first)
            await silence(second)
            for seen_by in (page, other_page):
                pushed = [await receive_type(seen_by, "push") for _ in range(4)]
                assert [each["data"] for each in pushed] == [1, 2, 3, 4]
                # The answer of a device at the other worker.
                await receive_type(seen_by, "answer", device="device-2")
            await third.close()
            await fourth.close()

    asyncio.run(story())


def test_a_revoked_token_is_sent_away_at_once(
    workers: Servers, tokens: list[str], pusher: subprocess.Popen[str]
) -> None:
    revoke = "call_command('device_token', 'device-10', '--revoke', stdout=sys.stderr)"

    async def story() -> None:
        async with dial(workers["daphne"], tokens[10]) as device:
            await silence(device)
            assert await tell(pusher, revoke) == "pushed"
            assert (await closed_with(device))[0] == 4403

    asyncio.run(story())


async def follow_presence(page: Any, slug: str, is_online: bool) -> None:
    """Wait until the page is told that a device is there, or is not."""
    kind = "online" if is_online else "offline"

    async def look() -> None:
        while True:
            message = await receive(page)
            if message["type"] == "presence":
                if (slug in message["online"]) is is_online:
                    return
            elif message["type"] == kind and message["device"] == slug:
                return

    await asyncio.wait_for(look(), TIMEOUT_S)


def test_devices_of_a_killed_worker_move_and_presence_is_right(
    workers: Servers,
    tokens: list[str],
    pusher: subprocess.Popen[str],
) -> None:
    one, two = workers["uvicorn"], workers["daphne"]

    async def story() -> None:
        async with browse(two) as page, dial(one, tokens[0]) as loyal:
            await silence(loyal)
            async with dial(one, tokens[1]) as lost:
                await silence(lost)
                await follow_presence(page, "device-1", is_online=True)
                one.stop(signal.SIGKILL)
                killed_at = time.monotonic()
                with pytest.raises(ConnectionClosed):
                    await asyncio.wait_for(loyal.recv(), TIMEOUT_S)
            async with dial(two, tokens[0]) as moved:
                await silence(moved)
                await follow_presence(page, "device-1", is_online=False)
                # The limit is twice the promise: the machine may be busy.
                assert time.monotonic() - killed_at < 2 * HEARTBEAT_S
                presence = await receive_type(page, "presence")
                assert "device-0" in presence["online"]
                await tell(pusher, "push('device-0', 'led', 9)")
                assert await receive(moved) == {"led": 9}

    asyncio.run(story())


def test_what_a_killed_worker_acknowledged_is_stored(
    workers: Servers,
    tokens: list[str],
    devices_site: DeviceSite,
) -> None:
    one = workers["uvicorn"]
    acknowledged: list[int] = []

    async def talk(device: Any) -> None:
        for number in range(80):
            await device.send(json.dumps({"killed": number, "id": number}))
        with contextlib.suppress(ConnectionClosed):
            while True:
                acknowledged.append((await receive(device))["ack"])
                if len(acknowledged) == 20:
                    one.stop(signal.SIGKILL)

    async def story() -> None:
        async with dial(one, tokens[4]) as device:
            await talk(device)

    asyncio.run(story())
    assert len(acknowledged) >= 20
    stored = {value for _, value in devices_site.readings("killed")}
    assert set(acknowledged) <= stored


async def push_until_cancelled(pusher: subprocess.Popen[str]) -> None:
    while True:
        # Not cancelled half-way: an answer belongs to its line.
        await asyncio.shield(tell(pusher, "push('device-0', 'led', 5)"))
        await asyncio.sleep(0.2)


def test_everything_recovers_when_redis_restarts(
    redis: Redis,
    workers: Servers,
    tokens: list[str],
    pusher: subprocess.Popen[str],
) -> None:
    one, two = workers["uvicorn"], workers["daphne"]

    async def story() -> None:
        async with browse(two) as page, dial(one, tokens[0]) as device:
            await silence(device)
            redis.stop()
            # Readings need no Redis, and who comes meanwhile is let in.
            await silence(device)
            async with dial(two, tokens[1]) as late:
                await silence(late)
                error = await tell(pusher, "push('device-0', 'led', 5)")
                assert error.startswith("PushError: the channel layer did not take")
                await asyncio.to_thread(redis.start)
                # Each worker finds it again in its own time, and pushes of this moment
                # are lost.
                pushing = asyncio.create_task(push_until_cancelled(pusher))
                assert "led" in await receive(device)
                await receive_type(page, "push", device="device-0")
                pushing.cancel()
                await follow_presence(page, "device-1", is_online=True)

    asyncio.run(story())
