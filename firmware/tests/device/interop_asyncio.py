"""The asyncio Socket.IO client against a real server; URI is set by the test."""

import asyncio

from usocketio.aio import connect
from usocketio.exceptions import ConnectError

URI = ""
OPTIONS = {"polling": False}
AUTH = {"token": "good"}


def client(**options):
    options.setdefault("auth", AUTH)
    session = {"delay_min": 0.1, "delay_max": 0.2}
    return connect(URI, session=session, **OPTIONS, **options)


async def until(condition):
    for _ in range(300):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen")


async def calls_and_binary():
    async with client(namespaces=("/", "/admin")) as socketio:
        assert await socketio.call("echo") is None
        assert await socketio.call("echo", 1, "é", None) == (1, "é", None)
        deep = {"deep": [b"\x01", {"deeper": b"\x00" * 300}]}
        assert await socketio.call("echo", b"\xff", deep) == (b"\xff", deep)
        answers = await asyncio.gather(
            *[socketio.call("echo", i, namespace="/admin") for i in range(5)]
        )
        assert list(answers) == [0, 1, 2, 3, 4]


async def handlers_of_both_kinds():
    async with client() as socketio:
        seen = []

        @socketio.on("question")
        async def question(socketio, *arguments):
            seen.append(arguments)
            # A handler may wait for the server.
            assert await socketio.call("echo", "inside") == "inside"
            return "answer", b"\x04"

        @socketio.on("answered")
        def answered(socketio, *arguments):
            seen.append(arguments)

        await socketio.emit("ask")
        await until(lambda: len(seen) == 2)
        assert seen == [(1, b"\x01\x02", {"deep": [b"\x03"]}), ("answer", b"\x04")]


async def a_refused_token():
    refusal = None
    try:
        await client(auth={"token": "bad"})
    except ConnectError as error:
        refusal = error
    assert "who are you" in str(refusal.data)


async def heartbeat_and_reconnection():
    async with client() as socketio:
        seen = []
        socketio.on("connect")(lambda socketio: seen.append("connect"))
        socketio.on("disconnect")(lambda socketio, reason: seen.append(reason))
        await asyncio.sleep(1.4)
        assert seen == ["connect"], seen
        await socketio.emit("cut")
        await until(lambda: len(seen) == 3)
        assert seen == ["connect", "transport", "connect"], seen
        assert await socketio.call("echo", "back") == "back"


async def sent_away():
    socketio = await client()
    reasons = []
    socketio.on("disconnect")(lambda socketio, reason: reasons.append(reason))
    await socketio.emit("kick")
    await asyncio.wait_for(socketio.wait(), 5)
    assert reasons == ["server"]
    assert socketio.closed
    await socketio.close()


async def a_broken_handler():
    socketio = await client()

    @socketio.on("question")
    def question(socketio, *arguments):
        raise ValueError("broken")

    raised = None
    await socketio.emit("ask")
    try:
        await asyncio.wait_for(socketio.wait(), 5)
    except ValueError as error:
        raised = error
    assert str(raised) == "broken"
    # Else nobody would answer the heartbeat of a client that looks connected.
    assert socketio.closed
    assert not socketio.connected


def test_everything():
    async def main():
        await calls_and_binary()
        await handlers_of_both_kinds()
        await a_refused_token()
        await heartbeat_and_reconnection()
        await sent_away()
        await a_broken_handler()

    asyncio.run(main())
