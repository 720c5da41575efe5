"""Autobahn's client cases 1 to 7 and 10, with both shells on MicroPython."""

from __future__ import annotations

import asyncio

import pytest
import runtimes
from autobahn import CaseServer

ECHO = {
    "blocking": """
from uwebsockets.client import connect
from uwebsockets.exceptions import WebSocketError

for number in %r:
    socket = connect("ws://127.0.0.1:%d/" + number)
    try:
        while True:
            socket.send(socket.recv())
    except WebSocketError:
        pass
    finally:
        socket.close()
""",
    "asyncio": """
import asyncio
from uwebsockets.aio import connect
from uwebsockets.exceptions import WebSocketError

async def echo(numbers, port):
    while numbers:
        async with connect("ws://127.0.0.1:%%d/%%s" %% (port, numbers.pop())) as socket:
            try:
                while True:
                    await socket.send(await socket.recv())
            except WebSocketError:
                pass

async def main(numbers, port):
    await asyncio.gather(*[echo(numbers, port) for _ in range(16)])

asyncio.run(main(%r, %d))
""",
}
# How many programs share the cases: a blocking client plays one at a time.
PROGRAMS = {"blocking": 10, "asyncio": 1}
# Whatever a client does there is INFORMATIONAL.
UNDEFINED = {"7.1.6", "7.13.1", "7.13.2"}


async def play(server, runtime, shell, program):
    """Play all cases; return what became of them."""
    async with await server.listen() as listener:
        port = listener.sockets[0].getsockname()[1]
        numbers = sorted(server.cases)
        count = PROGRAMS[shell]
        started = [
            program.start(runtime, ECHO[shell] % (numbers[i::count], port))
            for i in range(count)
        ]
        ended = [asyncio.to_thread(one.communicate, timeout=100) for one in started]
        outputs = await asyncio.gather(*ended)
        assert not any(output for output, _ in outputs), outputs
        await asyncio.wait_for(server.has_played(len(numbers)), 10)
    return server.outcomes


@pytest.mark.parametrize("shell", ECHO)
def test_every_case_passes_and_every_close_is_clean(extreme, shell, program):
    folder = next(runtimes.CACHE.glob("autobahn/*/autobahntestsuite/case"))
    server = CaseServer(folder)
    assert len(server.cases) == 247

    outcomes = asyncio.run(play(server, extreme, shell, program))

    assert set(outcomes) == set(server.cases)
    wrong = {
        number: outcome
        for number, outcome in outcomes.items()
        if outcome["behavior"]
        not in (("INFORMATIONAL",) if number in UNDEFINED else ("OK", "NON-STRICT"))
        or outcome["close"] not in ("OK", "INFORMATIONAL")
        or not outcome["clean"]
    }
    assert wrong == {}
