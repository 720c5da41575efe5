"""Waiting for pins and streams, with fake pins."""

import asyncio
import socket

from port import ticks_diff, ticks_ms
from upins import Pin, fake, readable, wait


def button(number=5):
    return Pin(fake.Pin(number, pull=fake.Pin.PULL_UP))


def press(pin):
    pin.pin.drive(0)
    pin.pin.drive(1)


async def later(call, *arguments):
    await asyncio.sleep(0.03)
    call(*arguments)


async def an_edge_is_awaited():
    pin = button()
    pressing = asyncio.create_task(later(press, pin))
    assert await asyncio.wait_for(pin.trigger(Pin.FALLING), 5) == 1
    await pressing


async def edges_between_two_calls_are_counted():
    pin = button()
    pin.arm(Pin.FALLING)
    for _ in range(3):
        press(pin)
    assert await pin.trigger(Pin.FALLING) == 3
    pressing = asyncio.create_task(later(press, pin))
    assert await asyncio.wait_for(pin.trigger(Pin.FALLING), 5) == 1
    await pressing


async def a_wait_that_is_cancelled_can_be_repeated():
    pin = button()
    try:
        await asyncio.wait_for(pin.trigger(Pin.FALLING), 0.05)
        raise AssertionError("nothing was pressed")
    except asyncio.TimeoutError:
        pass
    press(pin)
    assert await pin.trigger(Pin.FALLING) == 1


async def one_task_waits_for_a_pin():
    pin = button()
    first = asyncio.create_task(pin.trigger(Pin.FALLING))
    await asyncio.sleep(0)
    try:
        await pin.trigger(Pin.FALLING)
        raise AssertionError("two tasks wait")
    except RuntimeError:
        pass
    press(pin)
    assert await first == 1


async def a_bouncing_contact_is_one_edge():
    pin = button()

    def bounce():
        for _ in range(5):
            press(pin)
        pin.pin.drive(0)

    bouncing = asyncio.create_task(later(bounce))
    assert await pin.trigger(Pin.FALLING, debounce_ms=20) == 1
    await bouncing
    assert not pin.is_ready()


async def a_spike_is_no_edge():
    pin = button()
    spiking = asyncio.create_task(later(press, pin))
    try:
        await asyncio.wait_for(pin.trigger(Pin.FALLING, debounce_ms=10), 0.15)
        raise AssertionError("a spike was taken for an edge")
    except asyncio.TimeoutError:
        pass
    await spiking


async def a_stream_is_awaited(port):
    client = socket.socket()
    client.connect(socket.getaddrinfo("127.0.0.1", port)[0][-1])
    client.setblocking(False)
    started = ticks_ms()
    await asyncio.wait_for(readable(client), 5)
    assert ticks_diff(ticks_ms(), started) > 50
    data = client.recv(100)
    assert data == b"now", data
    client.close()


def waiting_without_asyncio(port):
    pin, other = button(), button(6)
    started = ticks_ms()
    assert wait(pin, timeout_ms=20) is None
    assert ticks_diff(ticks_ms(), started) >= 19
    pin.arm(Pin.FALLING)
    press(pin)
    assert wait(other, pin) is pin
    assert pin.wait(Pin.FALLING) == 1
    assert pin.wait(Pin.FALLING, timeout_ms=10) == 0
    press(pin)
    assert pin.wait(Pin.FALLING, debounce_ms=10, timeout_ms=30) == 0
    client = socket.socket()
    client.connect(socket.getaddrinfo("127.0.0.1", port)[0][-1])
    assert wait(pin, client, timeout_ms=5000) is client
    assert wait(client) is client
    client.close()


async def main(port):
    await an_edge_is_awaited()
    await edges_between_two_calls_are_counted()
    await a_wait_that_is_cancelled_can_be_repeated()
    await one_task_waits_for_a_pin()
    await a_bouncing_contact_is_one_edge()
    await a_spike_is_no_edge()
    await a_stream_is_awaited(port)
    waiting_without_asyncio(port)
    print("passed")


def run(port):
    asyncio.run(main(port))
