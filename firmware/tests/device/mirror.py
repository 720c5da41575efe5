"""What the client does with each script of `tests/mirror.py`; BASE is set by the test.

A case is a name, the options of connect(), and steps: ("event", name, arguments) waits
for a call of a handler, ("lost", reason) for a disconnect, ("fails", error) means that
connect() raises it.
"""

import asyncio

from usocketio import aio, client, exceptions
from uwebsockets.exceptions import InvalidStatus, TimedOut

BASE = ""
POLL = {"polling": True}
CUSTOM = {"namespaces": ("/custom",)}
DATA = [1, "2", {"3": [False]}]
PAIR = [b"\x01\x02\x03", b"\x04\x05\x06"]
CASES = (
    ("open", {}, [("event", "welcome", [])]),
    ("version", {}, [("fails", InvalidStatus)]),
    ("unknown_packet", {}, [("lost", "parse error")]),
    ("unexpected_binary", {}, [("lost", "parse error")]),
    ("ping", {}, [("event", "done", [])]),
    ("ping_timeout", {}, [("lost", "transport")]),
    ("server_close", {}, [("lost", "transport")]),
    ("client_close", {}, []),
    ("noop", {}, [("event", "after", [])]),
    (
        "poll_text",
        POLL,
        [("event", "one", []), ("event", "two", [2]), ("event", "three", [])],
    ),
    (
        "poll_binary",
        POLL,
        [("event", "binary", [b"\x01\x02\x03\x04"]), ("emit", "raw", [b"\1\2\3\4"])],
    ),
    ("poll_chunked", POLL, [("event", "done", [])]),
    ("poll_garbage", POLL, [("lost", "parse error")]),
    ("poll_bad_base64", POLL, [("lost", "parse error")]),
    ("poll_ping", POLL, [("event", "done", [])]),
    ("poll_close", POLL, [("lost", "transport")]),
    ("poll_gone", POLL, [("lost", "transport")]),
    ("poll_not_socketio", POLL, [("fails", exceptions.PacketError)]),
    ("upgrade", POLL, [("event", "done", [])]),
    ("upgrade_refused", POLL, [("event", "done", [])]),
    ("upgrade_wrong_probe", POLL, [("event", "done", [])]),
    ("auth", {"auth": {"token": "123"}}, [("event", "auth", [{"token": "123"}])]),
    ("custom", CUSTOM, [("event", "hello", [])]),
    (
        "custom_auth",
        {"auth": lambda name: {"token": "abc"}, "namespaces": ("/custom",)},
        [],
    ),
    (
        "unknown_namespace",
        {"namespaces": ("/random",)},
        [("fails", exceptions.ConnectError)],
    ),
    ("invalid_handshake", {}, [("fails", exceptions.PacketError)]),
    ("no_answer", {"timeout": 0.3}, [("fails", TimedOut)]),
    ("kicked", {}, [("lost", "server")]),
    (
        "kicked_from_custom",
        {"namespaces": ("/", "/custom")},
        [("lost", "server"), ("event", "still here", [])],
    ),
    ("message", {}, [("emit", "message", DATA), ("event", "message-back", DATA)]),
    (
        "ack",
        {},
        [
            ("call", "ask", [1, "2"], ("yes", {"no": None})),
            ("event", "asked", DATA),
            ("event", "done", []),
        ],
    ),
    ("binary", {}, [("emit", "message", PAIR), ("event", "message-back", PAIR)]),
    ("binary_ack", {}, [("event", "asked", PAIR), ("event", "done", [])]),
    ("unknown_type", {}, [("lost", "parse error")]),
    ("invalid_payload", {}, [("lost", "parse error")]),
    ("invalid_ack_id", {}, [("lost", "parse error")]),
    ("early_event", {}, [("event", "early", [])]),
)
EVENTS = {step[1] for case in CASES for step in case[2] if step[0] == "event"}


def options_of(options):
    # Once is enough: a client that has lost its connection must not come back.
    made = {"session": {"delay_min": 60}, "timeout": 5}
    made.update(options)
    return made


def register(socketio, seen):
    """Note what is called; events that ask for an ack get their arguments back."""
    for namespace in socketio.namespaces:
        for event in EVENTS:

            def handler(socketio, *arguments, event=event):
                seen.append(("event", event, list(arguments)))
                return arguments

            socketio.on(event, namespace=namespace)(handler)

        def lost(socketio, reason):
            seen.append(("lost", reason))

        socketio.on("disconnect", namespace=namespace)(lost)


def play(name, options, steps):
    uri = "%s/%s/" % (BASE, name)
    if steps and steps[0][0] == "fails":
        try:
            client.connect(uri, **options_of(options))
        except steps[0][1]:
            return
        raise AssertionError("nothing was raised")
    with client.connect(uri, **options_of(options)) as socketio:
        seen = []
        register(socketio, seen)
        for step in steps:
            if step[0] == "emit":
                socketio.emit(step[1], *step[2])
            elif step[0] == "call":
                assert socketio.call(step[1], *step[2], timeout=5) == step[3]
            else:
                for _ in range(100):
                    if seen or socketio.closed:
                        break
                    socketio.run_for(0.05)
                assert seen.pop(0) == step, (name, seen, step)


async def play_async(name, options, steps):
    uri = "%s/%s/" % (BASE, name)
    if steps and steps[0][0] == "fails":
        try:
            await aio.connect(uri, **options_of(options))
        except steps[0][1]:
            return
        raise AssertionError("nothing was raised")
    async with aio.connect(uri, **options_of(options)) as socketio:
        seen = []
        register(socketio, seen)
        for step in steps:
            if step[0] == "emit":
                await socketio.emit(step[1], *step[2])
            elif step[0] == "call":
                assert await socketio.call(step[1], *step[2], timeout=5) == step[3]
            else:
                for _ in range(250):
                    if seen:
                        break
                    await asyncio.sleep(0.02)
                assert seen.pop(0) == step, (name, seen, step)


def attempt(failures, name, call):
    try:
        call()
    except Exception as error:
        failures.append("%s: %r" % (name, error))


def test_blocking():
    failures = []
    for case in CASES:
        attempt(failures, case[0], lambda case=case: play(*case))
    assert not failures, failures


def test_asyncio():
    failures = []
    for case in CASES:
        attempt(failures, case[0], lambda case=case: asyncio.run(play_async(*case)))
    assert not failures, failures
