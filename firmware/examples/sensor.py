"""A sensor that reports every so many seconds, and obeys: {"interval": 5}, {"led": 1}.

It comes back by itself if the network or the server goes away.
"""

import asyncio
import json

import wifi

from port import urandom
from upins import Pin
from uwebsockets.aio import connect
from uwebsockets.exceptions import InvalidStatus, WebSocketError

state = {"interval": 10}
has_changed = asyncio.Event()
led = Pin(2, Pin.OUT, value=1)


def read() -> float:
    """Return the voltage at the analogue input, or a made-up one on a computer."""
    try:
        from machine import ADC
    except ImportError:
        return 3.0 + urandom(1)[0] / 1000
    return ADC(0).read() / 1024


async def report(socket) -> None:
    """Send a reading, again and again."""
    while True:
        await socket.send(json.dumps({"volts": read()}))
        has_changed.clear()
        try:
            await asyncio.wait_for(has_changed.wait(), state["interval"])
        except asyncio.TimeoutError:
            pass


async def obey(socket) -> None:
    """Take commands until the connection ends."""
    async for message in socket:
        command = json.loads(message)
        if "interval" in command:
            state["interval"] = command["interval"]
            has_changed.set()
        if "led" in command:
            led(1 - command["led"])  # The LED of the board is lit by a 0.


async def session(config: dict) -> None:
    """Report and obey on one connection."""
    async with connect(
        config["uri"], token=config["token"], ping_interval=20
    ) as socket:
        reporting = asyncio.create_task(report(socket))
        try:
            await obey(socket)
        finally:
            reporting.cancel()


async def main(config: dict) -> None:
    """Keep a session up for ever."""
    delay = 1
    while True:
        try:
            wifi.connect(config)
            await session(config)
            delay = 1
        except InvalidStatus as error:
            print("refused:", error)
        except (OSError, WebSocketError) as error:
            print("lost:", error)
        # A random part, or after an outage all sensors come back at once.
        await asyncio.sleep(delay * (0.5 + urandom(1)[0] / 512))
        delay = min(delay * 2, 60)


if __name__ == "__main__":
    asyncio.run(main(wifi.load()))
