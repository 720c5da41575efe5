"""upins on every runtime: waiting for pins, and for streams beside them."""

from __future__ import annotations

import asyncio

import pytest
from servers import Loop


async def say_now(reader, writer):
    await asyncio.sleep(0.1)
    writer.write(b"now")
    await writer.drain()
    await reader.read()
    writer.close()


@pytest.fixture(scope="module")
def port():
    with Loop() as loop:
        server = loop.call(asyncio.start_server(say_now, "127.0.0.1", 0))
        yield server.sockets[0].getsockname()[1]
        loop.loop.call_soon_threadsafe(server.close)


def test_waiting(runtime, port, program):
    output = program.run(runtime, f"import pins\npins.run({port})\n")

    assert output.strip() == "passed"
