"""One server, uvicorn or daphne, and devices that are good, bad and hostile."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
import socketio
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.devices.servers import (
    EXPIRED,
    DeviceSite,
    Server,
    Servers,
    SocketDevice,
    browse,
    closed_with,
    dial,
    receive,
    receive_type,
    serve,
)
from tests.sites import run


@pytest.fixture
def server(servers: Servers, server_name: str) -> Server:
    return servers[server_name]


async def ask(device: ClientConnection, message: Any) -> Any:
    await device.send(json.dumps(message))
    return await receive(device)


def test_an_echo_says_everything_back(server: Server, tokens: list[str]) -> None:
    async def story() -> None:
        async with dial(server, tokens[0], "/ws/echo/") as device:
            messages = ["hello", b"\x00\xff"]
            if server.name == "uvicorn":
                messages.append("")
            for message in messages:
                await device.send(message)
                assert await asyncio.wait_for(device.recv(), 10) == message

    asyncio.run(story())


def test_a_reading_is_acknowledged_and_stored_on_both_protocols(
    server: Server, devices_site: DeviceSite, tokens: list[str]
) -> None:
    mark = f"mark-{server.name}"

    async def story() -> None:
        async with dial(server, tokens[0]) as device:
            assert await ask(device, {mark: 1, "id": 7}) == {"ack": 7}
        for transports in (["websocket"], ["polling"], ["polling", "websocket"]):
            talker = await SocketDevice().open(server, tokens[1], transports=transports)
            assert await talker.client.call(mark, 2) is True
            assert await talker.client.call("reading", {mark: 3, "b": 1}) is True
            await talker.close()

    asyncio.run(story())
    assert devices_site.readings(mark) == [
        ("device-0", 1),
        *[("device-1", 2), ("device-1", 3)] * 3,
    ]


BAD_TOKENS = [
    ("", 4401, "an unknown token"),
    ("fkd_wrong", 4401, "an unknown token"),
    ("expired", 4402, "an expired token of device-7"),
]


@pytest.mark.parametrize(("token", "code", "reason"), BAD_TOKENS)
def test_a_bad_token_is_closed_with_its_code(
    server: Server, tokens: list[str], token: str, code: int, reason: str
) -> None:
    token = tokens[EXPIRED] if token == "expired" else token

    async def story() -> None:
        for path in ("/ws/device/", "/ws/echo/"):
            async with dial(server, token, path) as device:
                assert await closed_with(device) == (code, server.reason(reason))
        talker = SocketDevice()
        refused: list[Any] = []
        talker.client.on("connect_error", refused.append)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await talker.open(server, token)
        assert refused == [{"message": reason, "data": {"code": code}}]

    logged = server.logged.count(reason)
    asyncio.run(story())
    assert server.logged.count(reason) == logged + 3
    assert not token or token not in server.logged


BAD_MESSAGES = [
    ("not JSON", 4400, "a message that is not JSON"),
    (b"\x00", 4400, "a binary message"),
    ('{"volts": "high"}', 4400, "the reading volts is not a number"),
    ('{"device": "device-3", "volts": 1}', 4406, "in the name of another device"),
    (" " * 8193, 4413, "more than 8192 bytes"),
]


@pytest.mark.parametrize(("message", "code", "reason"), BAD_MESSAGES)
def test_a_bad_message_ends_one_connection_and_no_other(
    server: Server, tokens: list[str], message: Any, code: int, reason: str
) -> None:
    async def story() -> None:
        async with dial(server, tokens[2]) as bad, dial(server, tokens[3]) as good:
            await bad.send(message)
            closed, text = await closed_with(bad)
            assert closed == code
            assert server.reason(reason) in str(text)
            assert await ask(good, {"id": 1}) == {"ack": 1}

    before = server.logged
    asyncio.run(story())
    lines = server.logged.removeprefix(before).splitlines()
    assert [line for line in lines if reason in line] == [
        line for line in lines if "device-2: closed with" in line
    ]
    assert len([line for line in lines if reason in line]) == 1


def test_a_frame_that_the_server_itself_refuses_ends_one_connection(
    server: Server, tokens: list[str]
) -> None:
    # Daphne takes a mebibyte, and then hangs up without a word.
    size, code = (17_000, 1009) if server.name == "uvicorn" else (2_000_000, 1006)

    async def story() -> None:
        async with dial(server, tokens[2]) as bad, dial(server, tokens[3]) as good:
            await ask(bad, {"id": 1})
            with contextlib.suppress(ConnectionClosed):
                await bad.send("x" * size)
            assert (await closed_with(bad))[0] == code
            assert await ask(good, {"id": 1}) == {"ack": 1}

    before = server.logged
    asyncio.run(story())
    if server.name == "uvicorn":
        line = "device-2: closed with 1009: a frame larger than the server takes"
        assert server.logged.removeprefix(before).count(line) == 1


def test_a_flood_ends_the_connection_and_no_other(
    server: Server, tokens: list[str]
) -> None:
    async def story() -> None:
        async with dial(server, tokens[2]) as bad, dial(server, tokens[3]) as good:
            with contextlib.suppress(ConnectionClosed):
                for number in range(300):
                    await bad.send(json.dumps({"id": number}))
            # What was still on its way may reset the connection, and the code is lost.
            assert (await closed_with(bad))[0] in {4429, 1006}
            assert await ask(good, {"id": 1}) == {"ack": 1}

    before = server.logged
    asyncio.run(story())
    assert server.logged.removeprefix(before).count("closed with 4429") == 1


@pytest.mark.parametrize(
    ("event", "data", "code"),
    [
        ("reading", {"volts": None}, 4400),
        ("volts", {"a": 1}, 4400),
        ("reading", {"device": "device-3"}, 4406),
        ("reading", {"x": "y" * 9000}, 4413),
    ],
)
def test_a_bad_event_ends_a_socketio_connection(
    server: Server, tokens: list[str], event: str, data: Any, code: int
) -> None:
    async def story() -> None:
        talker = await SocketDevice().open(server, tokens[4])
        await talker.client.emit(event, data)
        name, told = await talker.next()
        assert (name, told["code"]) == ("closed", code)
        await talker.wait_closed()

    asyncio.run(story())


def test_an_unknown_address_is_refused(server: Server, tokens: list[str]) -> None:
    async def story() -> None:
        with pytest.raises(InvalidStatus, match="403"):
            async with dial(server, tokens[0], "/ws/elsewhere/"):
                pass

    asyncio.run(story())
    assert "Traceback" not in server.logged


def test_a_page_of_another_site_sees_no_dashboard(server: Server) -> None:
    from websockets.asyncio.client import connect

    async def story() -> None:
        uri = server.uri("/ws/dashboard/")
        with pytest.raises(InvalidStatus, match="403"):
            async with connect(uri, origin="http://evil.example", proxy=None):
                pass

    asyncio.run(story())


def test_a_dashboard_sees_devices_come_talk_and_go(
    server: Server, tokens: list[str]
) -> None:
    async def story() -> None:
        async with browse(server) as page:
            snapshot = await receive_type(page, "snapshot")
            assert {"device-5", "device-6"} <= {d["slug"] for d in snapshot["devices"]}
            async with dial(server, tokens[5]) as device:
                await receive_type(page, "online", device="device-5")
                await device.send('{"volts": 3.25}')
                readings = (await receive_type(page, "readings"))["readings"]
                assert readings[0][0] == "device-5"
                assert readings[0][2] == {"volts": 3.25}
                await device.send('{"answer": {"led": 1}}')
                answer = await receive_type(page, "answer", device="device-5")
                assert answer["answer"] == {"led": 1}
            await receive_type(page, "offline", device="device-5")
        async with browse(server) as page:
            (device,) = (
                each
                for each in (await receive_type(page, "snapshot"))["devices"]
                if each["slug"] == "device-5"
            )
            assert device["state"] == {"led": 1}
            assert device["online"] is False
            assert device["readings"][-1][1] == {"volts": 3.25}

    asyncio.run(story())


def test_who_is_not_logged_in_cannot_push(server: Server) -> None:
    async def story() -> None:
        async with browse(server) as page:
            await receive(page)
            wish = {"device": "device-0", "event": "led", "data": 1}
            await page.send(json.dumps(wish))
            problem = await receive_type(page, "problem")
            assert problem["text"] == "You may not switch devices."
            await page.send("nonsense")
            assert (await closed_with(page))[0] == 4400

    asyncio.run(story())


def test_a_newer_connection_replaces_the_older_one(
    server: Server, tokens: list[str]
) -> None:
    async def story() -> None:
        async with dial(server, tokens[6]) as older:
            await ask(older, {"id": 1})
            newer = await SocketDevice().open(server, tokens[6])
            assert await closed_with(older) == (
                4409,
                server.reason("a newer connection"),
            )
            assert await newer.client.call("volts", 1) is True
            async with dial(server, tokens[6]) as newest:
                assert await newer.next() == (
                    "closed",
                    {"code": 4409, "reason": "a newer connection"},
                )
                assert await ask(newest, {"id": 2}) == {"ack": 2}

    asyncio.run(story())


def test_a_revoked_token_is_sent_away_by_another_process(
    server: Server, tokens: list[str]
) -> None:
    number = 8 if server.name == "uvicorn" else 9
    slug, token = f"device-{number}", tokens[number]

    async def story() -> None:
        async with dial(server, token) as device:
            await ask(device, {"id": 1})
            status, output, errors = await asyncio.to_thread(
                run, "device_token", slug, "--revoke", environ=server.environ
            )
            assert (status, output) == (0, "1 token revoked.\n")
            assert errors == "Without REDIS_URL the server notices within 5 s.\n"
            assert (await closed_with(device))[0] == 4403
        async with dial(server, token) as device:
            assert (await closed_with(device))[0] == 4403
        assert f"{slug}: closed with 4403: its token was revoked" in server.logged

    asyncio.run(story())


def test_a_server_that_stops_stores_what_it_was_told_and_leaves(
    devices_site: DeviceSite, tokens: list[str], tmp_path: Path
) -> None:
    async def story() -> None:
        with serve(devices_site.environ, tmp_path / "log") as server:
            async with dial(server, tokens[0]) as device:
                for number in range(50):
                    await device.send(json.dumps({"last": number}))
                await device.ping()
                await ask(device, {"id": 1})
                await asyncio.to_thread(server.stop)

    asyncio.run(story())
    assert [value for _, value in devices_site.readings("last")] == list(range(50))
    held = "SELECT connection FROM devices_device WHERE slug = 'device-0'"
    assert devices_site.query(held) == [("",)]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nobody"], "no device is called 'nobody'; add --create 'Its name'."),
        (["device-0", "--create=Again"], "there is a device 'device-0' already;"),
        (["a b", "--create=Shed"], "slug: Enter a valid"),
        (["device-0", "--days=0"], "--days 0: give a number from 1 to 36500."),
        (["device-0", "--site=x"], "--site goes with --create."),
    ],
)
@pytest.mark.django_db
def test_a_wrong_device_token_command_changes_nothing(
    arguments: list[str], error: str
) -> None:
    from django.core.management import CommandError, call_command

    from devices.models import Device, Token

    Device.objects.create(slug="device-0", name="Zero")

    with pytest.raises(CommandError) as caught:
        call_command("device_token", *arguments)

    assert str(caught.value).startswith(error)
    assert (Device.objects.count(), Token.objects.count()) == (1, 0)
