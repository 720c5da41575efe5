"""A greenhouse: temperature and moisture over a WebSocket, and a lamp.

It answers a command with what its lamp does now: {"led": 1} -> {"answer": {"led": 1}}.
"""

import asyncio
import json
import math
import os
import time

from port import urandom
from upins import Pin
from uwebsockets.aio import connect
from uwebsockets.exceptions import ConnectionClosed, WebSocketError

REPLACED = 4409
ATTEMPTS = 8

led = Pin(2, Pin.OUT, value=1)  # The LED of a board is lit by a 0.


def configuration() -> dict:
    """Return `uri` and `token`: the environment's, or those that flash.py wrote."""
    if os.getenv("DEVICE_TOKEN"):
        return {"uri": os.getenv("DEVICE_URI"), "token": os.getenv("DEVICE_TOKEN")}
    import wifi

    config = wifi.load()
    wifi.connect(config)
    return config


def read() -> dict:
    """Return what the sensors would say: a slow wave and some noise."""
    wave = math.sin(time.time() % 120 / 120 * 2 * math.pi)
    noise = urandom(1)[0] / 255 - 0.5
    return {
        "celsius": round(21 + 4 * wave + noise / 2, 2),
        "moisture": round(38 - 6 * wave + noise, 1),
    }


async def report(socket) -> None:
    """Send a reading every second."""
    while True:
        await socket.send(json.dumps(read()))
        await asyncio.sleep(1)


async def obey(socket) -> None:
    """Take commands until the connection ends."""
    async for message in socket:
        command = json.loads(message)
        if "led" in command:
            if command["led"] in (0, 1):  # Anything else changes nothing.
                led(1 - command["led"])
            await socket.send(json.dumps({"answer": {"led": 1 - led()}}))


async def session(config: dict) -> None:
    """Report and obey on one connection."""
    async with connect(
        config["uri"], token=config["token"], ping_interval=20
    ) as socket:
        await socket.send(json.dumps({"answer": {"led": 1 - led()}}))
        reporting = asyncio.create_task(report(socket))
        try:
            await obey(socket)
        finally:
            reporting.cancel()


async def main() -> None:
    """Keep a session up; give up if the server is gone for good, or has another."""
    config = configuration()
    failures = 0
    while failures < ATTEMPTS:
        started = time.time()
        try:
            await session(config)
        except ConnectionClosed as error:
            if error.code == REPLACED:
                return
        except (OSError, WebSocketError):
            pass
        failures = 0 if time.time() - started > 5 else failures + 1
        # A random part, or after an outage all devices come back at once.
        await asyncio.sleep(1 + urandom(1)[0] / 256)


if __name__ == "__main__":
    asyncio.run(main())
