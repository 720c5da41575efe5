"""The examples, as they are, on the unix port with fake pins."""

from __future__ import annotations

import json

import pytest
from conftest import DEVICE, FIRMWARE
from servers import Loop, Server

PLACES = (FIRMWARE, FIRMWARE / "examples", DEVICE)


class Home(Server):
    """A server that the examples talk to."""

    def __init__(self):
        super().__init__()
        self.levels: list[int] = []

    async def on_echo(self, wire):
        self.seen.append(wire.headers["authorization"])
        await wire.upgrade()
        while True:
            first, data = await wire.read_frame()
            await wire.frame(first, data[:2] if first == 0x88 else data)

    async def on_sensor(self, wire):
        """Take a reading, command a shorter interval, and cut; twice."""
        await wire.upgrade()
        for command in ({"interval": 0.05}, {"led": 1}):
            _, data = await wire.read_frame()
            self.seen.append(json.loads(data))
            await wire.text(json.dumps(command))
        await wire.read_frame()

    async def on_socket_io(self, wire):
        await wire.upgrade()
        opening = {
            "sid": "a",
            "upgrades": [],
            "pingInterval": 5000,
            "pingTimeout": 5000,
        }
        await wire.text("0" + json.dumps(opening))
        while True:
            first, data = await wire.read_frame()
            text = data.decode()
            if text.startswith("40"):
                self.seen.append(json.loads(text[2:]))
                await wire.text('40{"sid":"b"}')
                await wire.text('421["led",1]')
            elif first == 0x81:
                self.seen.append(text.replace(" ", ""))


@pytest.fixture
def home():
    with Loop() as loop:
        server = Home()
        server.port = loop.call(server.start())
        yield server
        loop.call(server.stop())


def config(server, scheme, path):
    uri = f"{scheme}://127.0.0.1:{server.port}/{path}"
    return {"ssid": "home", "password": "x", "uri": uri, "token": "t0ken"}


def test_echo(extreme, home, program, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(config(home, "ws", "echo")))
    source = (FIRMWARE / "examples" / "echo.py").read_text(encoding="utf-8")

    output = program.run(extreme, source, places=PLACES)

    assert output.split("\n")[:3] == ["hello 0", "hello 1", "hello 2"]
    assert home.seen == ["bearer t0ken"]


def test_the_sensor_reports_obeys_and_comes_back(extreme, home, program):
    source = f"""
import asyncio, sensor
async def main():
    running = asyncio.create_task(sensor.main({config(home, "ws", "sensor")}))
    for _ in range(400):
        await asyncio.sleep(0.02)
        if sensor.led() == 0:
            break
    print(sensor.state, sensor.led())
    await asyncio.sleep(2.5)
    running.cancel()
asyncio.run(main())
"""
    output = program.run(extreme, source, places=PLACES)

    assert output.startswith("{'interval': 0.05} 0\n")
    assert "lost" in output
    assert len(home.seen) >= 4
    assert all(3 <= reading["volts"] < 3.3 for reading in home.seen)


def test_the_button_and_the_led(extreme, home, program):
    source = f"""
import asyncio, button
from upins import fake
async def main():
    running = asyncio.create_task(button.main({config(home, "http", "")}))
    for _ in range(200):
        await asyncio.sleep(0.02)
        if button.led() == 0:
            break
    print("led", button.led())
    pin = fake.Pin.by_number[0]
    for _ in range(2):
        pin.drive(0)
        await asyncio.sleep(0.1)
        pin.drive(1)
        await asyncio.sleep(0.1)
    running.cancel()
asyncio.run(main())
"""
    output = program.run(extreme, source, places=PLACES)

    assert "led 0" in output
    assert home.seen == [
        {"token": "t0ken"},
        "431[1]",
        '42["pressed",1]',
        '42["pressed",2]',
    ]
