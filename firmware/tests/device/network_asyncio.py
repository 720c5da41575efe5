"""The asyncio shell against a server that misbehaves; BASE is set by the test."""

import asyncio

from port import ticks_diff, ticks_ms
from uwebsockets.aio import connect
from uwebsockets.exceptions import (
    ConnectionClosed,
    HandshakeError,
    InvalidStatus,
    ProtocolError,
    Redirect,
    TimedOut,
)

BASE = "ws://127.0.0.1:1"


async def raises(kind, awaitable):
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError("nothing was raised")


async def open_(path, **options):
    return await connect(BASE + path, **options)


async def is_usable():
    async with connect(BASE + "/echo") as socket:
        await socket.send("still there")
        return await socket.recv() == "still there"


async def fails(kind, path, **options):
    error = await raises(kind, open_(path, **options))
    assert await is_usable()
    return error


async def echo_of_every_size():
    async with connect(BASE + "/echo", max_size=None) as socket:
        for size in (0, 1, 126, 2048, 2049, 65536, 200000):
            data = bytes([i % 251 for i in range(1000)]) * (size // 1000 + 1)
            data = data[:size]
            await socket.send(data)
            assert await socket.recv() == data, size
        await raises(TypeError, socket.send(5))
        await socket.send("é€😀")
        assert await socket.recv() == "é€😀"
    assert socket.close_code == 1000
    assert not socket.open


async def headers_token_and_subprotocol():
    options = {"headers": {"X-Device": "7"}, "token": "abc"}
    async with connect(
        BASE + "/headers", subprotocols=("one", "two"), **options
    ) as socket:
        assert socket.subprotocol == "two"
        messages = []
        async for message in socket:
            messages.append(message)
        assert messages == ["bearer abc", "7"]


async def answers_that_are_no_handshake():
    assert (await fails(InvalidStatus, "/unauthorized")).status == 401
    error = await fails(Redirect, "/redirect")
    assert error.headers["location"] == "ws://elsewhere/"
    for path in ("/ssh", "/hangup", "/headers20k", "/line20k", "/liar"):
        await fails(HandshakeError, path)
    await fails(OSError, "/reset")
    started = ticks_ms()
    await fails(TimedOut, "/mute", timeout=0.2)
    assert ticks_diff(ticks_ms(), started) < 5000
    await raises(OSError, open_away())


async def open_away():
    await connect("ws://127.0.0.1:1/", timeout=5)


async def a_message_that_comes_with_the_handshake():
    async with connect(BASE + "/early") as socket:
        assert await socket.recv() == "early"


async def a_frame_larger_than_any_memory():
    socket = await connect(BASE + "/huge")
    error = await raises(ProtocolError, socket.recv())
    assert error.code == 1009
    assert await is_usable()


async def a_cancelled_recv_loses_nothing():
    async with connect(BASE + "/slow") as socket:
        messages = []
        timeouts = 0
        while len(messages) < 2:
            try:
                messages.append(await asyncio.wait_for(socket.recv(), 0.02))
            except asyncio.TimeoutError:
                timeouts += 1
        assert messages == ["abcdef", bytes(256)]
        assert timeouts > 3


async def a_message_larger_than_the_limit_can_be_streamed():
    async with connect(BASE + "/stream", max_size=1000, buffer_size=512) as socket:
        size = total = 0
        async for chunk in socket.recv_streaming():
            size += len(chunk)
            total += sum(chunk)
        assert (size, total) == (300000, sum([i % 251 for i in range(300000)]))
        assert await socket.recv() == "after"


async def a_stream_that_is_left_early():
    async with connect(BASE + "/stream", buffer_size=512) as socket:
        async for _chunk in socket.recv_streaming():
            break
        assert await socket.recv() == "after"


async def a_message_sent_in_fragments():
    async with connect(BASE + "/fragments") as socket:
        await socket.send(iter(["ab", "c", "def"]))
        for expected in ("01 2", "00 1", "80 3"):
            assert await socket.recv() == expected


async def a_ping_between_fragments_is_answered():
    async with connect(BASE + "/pings") as socket:
        assert await socket.recv() == "one two"


async def a_peer_that_answers_no_ping_is_dead():
    socket = await connect(BASE + "/deaf", ping_interval=0.1, ping_timeout=0.1)
    assert await socket.recv() == "hello"
    error = await raises(ConnectionClosed, socket.recv())
    assert (error.code, error.reason) == (1006, "no pong")
    assert await is_usable()


async def keepalive_keeps_a_quiet_connection():
    async with connect(BASE + "/echo", ping_interval=0.05, ping_timeout=2) as socket:
        await raises(asyncio.TimeoutError, asyncio.wait_for(socket.recv(), 0.4))
        assert socket.open


async def the_servers_close_code_and_reason():
    socket = await connect(BASE + "/farewell")
    assert await socket.recv() == "last words"
    error = await raises(ConnectionClosed, socket.recv())
    assert (error.code, error.reason) == (4001, "tschüß")
    await raises(ConnectionClosed, socket.send("x"))
    await socket.close()
    await socket.close()


async def cuts_and_violations():
    socket = await connect(BASE + "/cut")
    assert (await raises(ConnectionClosed, socket.recv())).code == 1006
    socket = await connect(BASE + "/violation")
    assert (await raises(ProtocolError, socket.recv())).code == 1002
    assert await is_usable()


async def a_close_that_is_not_answered_ends_anyway():
    socket = await connect(BASE + "/stubborn")
    socket.close_timeout = 0.2
    await socket.close()
    assert not socket.open


async def several_tasks_send_while_one_receives():
    async with connect(BASE + "/echo", buffer_size=256) as socket:
        received = []

        async def receive():
            while len(received) < 30:
                received.append(await socket.recv())

        async def send(index):
            for i in range(10):
                text = "%d-%d " % (index, i)
                await socket.send(text * 300)

        await asyncio.gather(receive(), send(0), send(1), send(2))
        expected = ["%d-%d " % (index, i) for index in range(3) for i in range(10)]
        assert sorted([text[:4] for text in received]) == sorted(expected)
        for text in received:
            assert text == text[:4] * 300


async def two_tasks_cannot_receive():
    async with connect(BASE + "/echo") as socket:
        waiting = asyncio.create_task(socket.recv())
        await asyncio.sleep(0.05)
        await raises(RuntimeError, socket.recv())
        await socket.send("x")
        assert await waiting == "x"


async def a_close_wakes_the_task_that_receives():
    for close in (True, False):
        socket = await connect(BASE + "/echo")

        async def receive(socket=socket):
            try:
                return await socket.recv()
            except ConnectionClosed as error:
                return error.code

        waiting = asyncio.create_task(receive())
        await asyncio.sleep(0.05)
        if close:
            await socket.close(1001, "going")
        else:
            socket.abort()
        assert await asyncio.wait_for(waiting, 5) == (1001 if close else 1006)


async def other_tasks_run_while_one_sends():
    counter = [0]

    async def count():
        while True:
            counter[0] += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    async with connect(BASE + "/echo") as socket:
        for _ in range(20):
            await socket.send("x")
        before = counter[0]
        for _ in range(20):
            await socket.send("x")
        assert counter[0] > before
    counting.cancel()


def test_everything():
    async def main():
        await echo_of_every_size()
        await headers_token_and_subprotocol()
        await answers_that_are_no_handshake()
        await a_message_that_comes_with_the_handshake()
        await a_frame_larger_than_any_memory()
        await a_cancelled_recv_loses_nothing()
        await a_message_larger_than_the_limit_can_be_streamed()
        await a_stream_that_is_left_early()
        await a_message_sent_in_fragments()
        await a_ping_between_fragments_is_answered()
        await a_peer_that_answers_no_ping_is_dead()
        await keepalive_keeps_a_quiet_connection()
        await the_servers_close_code_and_reason()
        await cuts_and_violations()
        await a_close_that_is_not_answered_ends_anyway()
        await several_tasks_send_while_one_receives()
        await two_tasks_cannot_receive()
        await a_close_wakes_the_task_that_receives()
        await other_tasks_run_while_one_sends()

    asyncio.run(main())
