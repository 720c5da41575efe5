"""A button that tells Socket.IO when it is pressed, and an LED that the server lights.

The button is on GPIO0, which boards call FLASH; the LED on GPIO2.
"""

import asyncio

import wifi

from upins import Pin
from usocketio.aio import connect

button = Pin(0, Pin.IN, Pin.PULL_UP)
led = Pin(2, Pin.OUT, value=1)


def light(_socketio, level: int) -> int:
    """Switch the LED; the answer is the new level."""
    led(1 - level)  # It is lit by a 0.
    return level


async def main(config: dict) -> None:
    """Report presses for ever; what happens while we are offline is sent afterwards."""
    wifi.connect(config)
    auth = {"token": config["token"]}
    async with connect(config["uri"], auth=auth) as socketio:
        socketio.on("led")(light)
        presses = 0
        while True:
            presses += await button.trigger(Pin.FALLING, debounce_ms=30)
            await socketio.emit("pressed", presses)


if __name__ == "__main__":
    asyncio.run(main(wifi.load()))
