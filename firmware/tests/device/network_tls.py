"""wss on a port that can verify; PORT, AUTHORITY and OTHER are set by the test."""

import sys

from run import raises

from uwebsockets import client
from uwebsockets.exceptions import TimedOut

PORT = 1
AUTHORITY = OTHER = b""
# mbedTLS on MicroPython raises ValueError for a wrong certificate.
REFUSED = (OSError, ValueError)


def connect(path, ssl, host="localhost"):
    return client.connect("wss://%s:%d%s" % (host, PORT, path), ssl=ssl)


def test_a_certificate_that_is_verified():
    with connect("/echo", AUTHORITY) as socket:
        socket.send(b"x" * 5000)
        assert socket.recv() == b"x" * 5000
        socket.send("é" * 20000)
        assert socket.recv() == "é" * 20000


def test_a_timeout_loses_nothing_with_tls():
    with connect("/slow", AUTHORITY) as socket:
        socket.settimeout(0.02)
        messages = []
        timeouts = 0
        while len(messages) < 2:
            try:
                messages.append(socket.recv())
            except TimedOut:
                timeouts += 1
        assert messages == ["abcdef", bytes(256)]
        assert timeouts > 3


def test_another_authority():
    raises(REFUSED, connect, "/echo", OTHER)


def test_another_host_name():
    raises(REFUSED, connect, "/echo", AUTHORITY, "127.0.0.1")


def test_unverified_only_on_demand():
    with connect("/echo", False) as socket:
        socket.send("x")
        assert socket.recv() == "x"
    # By default CPython asks the system's authorities; MicroPython has none.
    kind = ValueError if sys.implementation.name == "micropython" else OSError
    raises(kind, connect, "/echo", True)


def test_with_asyncio():
    import asyncio

    from uwebsockets.aio import connect

    async def main():
        uri = "wss://localhost:%d/echo" % PORT
        async with connect(uri, ssl=AUTHORITY) as socket:
            for size in (10, 5000, 40000):
                await socket.send(b"x" * size)
                assert await socket.recv() == b"x" * size
        try:
            await connect(uri, ssl=OTHER)
        except REFUSED:
            return
        raise AssertionError("nothing was raised")

    asyncio.run(main())
