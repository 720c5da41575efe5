"""The clients behind a proxy that cuts, stalls, dribbles, resets and falls silent."""

from __future__ import annotations

import asyncio
import json

import pytest
from proxy import Fault, Proxy
from servers import Loop, Server, Trouble

ECHO = """
import sys
from uwebsockets.client import connect
from uwebsockets.exceptions import TimedOut

timeouts = 0
with connect("ws://127.0.0.1:%d/echo") as socket:
    socket.settimeout(0.02)
    for i in range(20):
        data = bytes([i]) * (40 * i)
        socket.send(data)
        while True:
            try:
                assert socket.recv() == data, i
                break
            except TimedOut:
                timeouts += 1
print("all", timeouts > 0)
"""
NUMBERS = {
    "blocking": """
from usocketio.client import connect

ticks = []
with connect("http://127.0.0.1:%d/", session={"delay_min": 0.05, "delay_max": 0.2, "queue_size": 200}) as socketio:
    socketio.on("tick")(lambda socketio, number: ticks.append(number))
    for number in range(150):
        socketio.emit("number", number)
        socketio.run_for(0.01)
    while not socketio.connected:
        socketio.run_for(0.1)
    assert socketio.call("number", 1000, timeout=10) == 1000
assert ticks == sorted(set(ticks)), "delivered twice"
print("done", len(ticks))
""",
    "asyncio": """
import asyncio
from usocketio.aio import connect

async def main():
    ticks = []
    async with connect("http://127.0.0.1:%d/", session={"delay_min": 0.05, "delay_max": 0.2, "queue_size": 200}) as socketio:
        socketio.on("tick")(lambda socketio, number: ticks.append(number))
        for number in range(150):
            await socketio.emit("number", number)
            await asyncio.sleep(0.01)
        while not socketio.connected:
            await asyncio.sleep(0.1)
        assert await socketio.call("number", 1000, timeout=10) == 1000
    assert ticks == sorted(set(ticks)), "delivered twice"
    print("done", len(ticks))

asyncio.run(main())
""",
}
FAULTS = {
    "cut in mid-frame, down": [Fault(cut_down=700)],
    "cut in mid-frame, up": [Fault(cut_up=1001), Fault(cut_up=903)],
    "reset": [Fault(cut_down=900, is_reset=True)],
    "resets during the handshake": [
        Fault(cut_down=600),
        Fault(reset_at_once=True),
        Fault(cut_down=20, is_reset=True),
        Fault(cut_down=200),
    ],
    "half-open": [Fault(silent_after=600)],
    "stall": [Fault(stall_at=600, stall_s=0.2)],
    "dribble": [Fault(dribble=True)],
}


class Numbers(Server):
    """A Socket.IO server that collects numbers and sends numbers."""

    def __init__(self):
        super().__init__()
        self.numbers: list[int] = []
        self._tick = 0

    async def on_socket_io(self, wire):
        await wire.upgrade()
        opening = {"sid": "a", "upgrades": [], "pingInterval": 200, "pingTimeout": 300}
        await wire.text("0" + json.dumps(opening))
        ticking = asyncio.ensure_future(self._send_ticks(wire))
        try:
            while True:
                first, data = await wire.read_frame()
                if first == 0x88:
                    await wire.frame(first, data[:2])
                    return
                text = data.decode()
                if text.startswith("40"):
                    await wire.text('40{"sid":"b"}')
                elif text.startswith("42"):
                    at = text.index("[")
                    _, number = json.loads(text[at:])
                    self.numbers.append(number)
                    if at > 2:
                        await wire.text(f"43{text[2:at]}[{number}]")
        finally:
            ticking.cancel()

    async def _send_ticks(self, wire):
        while True:
            await asyncio.sleep(0.02)
            self._tick += 1
            if self._tick % 5 == 0:
                await wire.text("2")
            await wire.text(f'42["tick",{self._tick}]')


@pytest.fixture
def loop():
    with Loop() as made:
        yield made


@pytest.mark.parametrize(
    "fault",
    [
        Fault(dribble=True),
        Fault(stall_at=135, stall_s=0.2),
        Fault(stall_at=1001, stall_s=0.2),
        Fault(stall_at=60, stall_s=0.1),
    ],
    ids=[
        "dribble",
        "stall in a header",
        "stall in a payload",
        "stall in the handshake",
    ],
)
def test_nothing_is_lost_by_a_timeout(extreme, fault, loop, program):
    server = Trouble()
    proxy = Proxy(loop.call(server.start()), [fault])
    port = loop.call(proxy.start())

    output = program.run(extreme, ECHO % port)

    assert output.startswith("all")
    if fault.stall_at and fault.stall_at > 100:
        assert "True" in output
    loop.call(proxy.stop())
    loop.call(server.stop())


@pytest.mark.parametrize("shell", NUMBERS)
@pytest.mark.parametrize("name", FAULTS)
def test_the_client_recovers_and_nothing_comes_twice(
    oldest, newest, shell, name, loop, program
):
    server = Numbers()
    proxy = Proxy(loop.call(server.start()), FAULTS[name])
    port = loop.call(proxy.start())

    runtime = newest if shell == "blocking" else oldest
    output = program.run(runtime, NUMBERS[shell] % port)

    # At most once and in order. What was on its way at the cut may be lost; what was
    # emitted while there was no connection is not.
    numbers = server.numbers
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == 1000
    broken = sum(1 for fault in FAULTS[name] if fault.cut_up or fault.cut_down)
    silent = name == "half-open"
    assert 151 - len(numbers) <= 60 if silent else 151 - len(numbers) <= 4 * broken
    assert proxy.connections >= (1 if name in ("stall", "dribble") else 2)
    assert int(output.split()[-1]) > 5
    loop.call(proxy.stop())
    loop.call(server.stop())
