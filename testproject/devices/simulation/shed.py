"""A tool shed: the voltage of its battery over Socket.IO, and a lamp.

What the handler returns is the answer to the command: the level of the lamp.
"""

import asyncio
import math
import os
import time

from port import urandom
from upins import Pin
from usocketio.aio import connect
from usocketio.exceptions import ConnectError, Disconnected
from uwebsockets.exceptions import WebSocketError

REPLACED = 4409
ATTEMPTS = 8
MISSES = 30  # Seconds without a connection.

led = Pin(2, Pin.OUT, value=1)
state = {"is_replaced": False}


def configuration() -> dict:
    """Return `uri` and `token`: the environment's, or those that flash.py wrote."""
    if os.getenv("DEVICE_TOKEN"):
        return {"uri": os.getenv("DEVICE_URI"), "token": os.getenv("DEVICE_TOKEN")}
    import wifi

    config = wifi.load()
    wifi.connect(config)
    return config


def light(_socketio, level: int) -> int:
    """Switch the lamp; return what it does now."""
    if level in (0, 1):  # Anything else changes nothing.
        led(1 - level)
    return 1 - led()


def leave(_socketio, told: dict) -> None:
    """Note why the server sends us away."""
    state["is_replaced"] = told.get("code") == REPLACED


def read() -> float:
    """Return the voltage of the battery."""
    wave = math.sin(time.time() % 90 / 90 * 2 * math.pi)
    return round(12.6 + wave / 2 + (urandom(1)[0] / 255 - 0.5) / 10, 3)


async def session(config: dict) -> None:
    """Report until the server sends us away."""
    auth = {"token": config["token"]}
    async with connect(config["uri"], auth=auth) as socketio:
        socketio.on("led")(light)
        socketio.on("closed")(leave)
        await socketio.emit("answer", {"led": 1 - led()})
        misses = 0
        while not socketio.closed and misses < MISSES:
            await socketio.emit("volts", read())
            await asyncio.sleep(1)
            misses = 0 if socketio.connected else misses + 1
    # It reconnects by itself; a server that stays away for so long is gone.
    raise Disconnected


async def main() -> None:
    """Keep a session up; give up if the server is gone for good, or has another."""
    config = configuration()
    failures = 0
    while failures < ATTEMPTS and not state["is_replaced"]:
        started = time.time()
        try:
            await session(config)
        except (OSError, WebSocketError, ConnectError, Disconnected):
            pass
        failures = 0 if time.time() - started > 5 else failures + 1
        await asyncio.sleep(1 + urandom(1)[0] / 256)


if __name__ == "__main__":
    asyncio.run(main())
