"""A push reaches devices and browsers from everywhere, on both servers."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.request import urlopen

import pytest

from devices.workers.pushing import PushError, apush, push
from tests.devices.servers import (
    Server,
    Servers,
    SocketDevice,
    browse,
    dial,
    receive,
    receive_type,
)
from tests.sites import environment, run

PLACES = [
    "sync view",
    "signal of a sync view",
    "async view",
    "signal on the loop",
    "awaited signal",
    "thread",
    "foreign loop",
]


@pytest.fixture
def server(servers: Servers, server_name: str) -> Server:
    return servers[server_name]


async def visit(server: Server, name: str) -> None:
    url = f"http://127.0.0.1:{server.port}/{name.replace(' ', '-')}/"

    def fetch() -> None:
        with urlopen(url, timeout=20) as answer:
            assert answer.status == 200

    await asyncio.to_thread(fetch)


def test_a_push_reaches_both_protocols_and_browsers_from_everywhere(
    server: Server,
    tokens: list[str],
) -> None:
    async def story() -> None:
        async with browse(server) as page:
            await receive(page)
            async with dial(server, tokens[0]) as device:
                await receive_type(page, "online", device="device-0")
                for place in PLACES:
                    await visit(server, place)
                    assert await receive(device) == {"ring": place}
                    pushed = await receive_type(page, "push", device="device-0")
                    assert (pushed["push"], pushed["data"]) == ("ring", place)
            talker = await SocketDevice().open(server, tokens[0])
            await receive_type(page, "online", device="device-0")
            for place in PLACES:
                await visit(server, place)
                assert await talker.next() == ("ring", place)
                # What the device's handler returned is its answer.
                answer = await receive_type(page, "answer", device="device-0")
                assert answer["answer"] == {"ring": place}
            await talker.close()

    asyncio.run(story())
    assert "Traceback" not in server.logged


def test_a_push_to_a_site_reaches_its_devices_and_no_other(
    server: Server,
    tokens: list[str],
) -> None:
    async def story() -> None:
        async with (
            dial(server, tokens[1]) as one,
            dial(server, tokens[2]) as other,
            dial(server, tokens[3]) as three,
        ):
            for device in (one, other, three):
                await device.send('{"id": 0}')
                await receive(device)
            await visit(server, "site")
            assert await receive(one) == {"ring": "site"}
            assert await receive(three) == {"ring": "site"}
            await other.send('{"id": 1}')
            assert await receive(other) == {"ack": 1}

    asyncio.run(story())


def test_another_process_without_redis_says_what_to_do() -> None:
    code = "from devices.workers.pushing import push; push('shed', 'led', 1)"

    status, _, errors = run(
        "shell", "-v", "0", "-c", code, environ=environment(REDIS_URL="")
    )

    assert status == 1
    assert errors.splitlines()[-1] == (
        "devices.workers.pushing.PushError: no server of devices runs in this process; set"
        " REDIS_URL, here and for the servers, to push from another process."
    )


@pytest.mark.parametrize(
    ("event", "data", "text"),
    [
        ("", 1, "the event '' cannot be pushed"),
        ("disconnect", 1, "the event 'disconnect' cannot be pushed"),
        ("led", {1}, "cannot be sent as JSON"),
        ("led", float("nan"), "cannot be sent as JSON"),
        ("led", "x" * 9000, "have 9002 bytes, of 8192"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_once(
    event: str, data: Any, text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        push("shed", event, data)


def test_a_coroutine_without_a_server_is_told_too() -> None:
    with pytest.raises(PushError, match="set REDIS_URL"):
        asyncio.run(apush("shed", "led", 1))
