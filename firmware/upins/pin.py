"""A pin whose edges can be waited for."""

import asyncio

from port import ticks_add, ticks_diff, ticks_ms
from upins.irq import irq_disabled

try:
    from machine import Pin as MachinePin
except ImportError:  # A computer.
    from upins.fake import Pin as MachinePin

try:
    ThreadSafeFlag = asyncio.ThreadSafeFlag
except AttributeError:  # CPython and WebAssembly.
    from upins.fake import ThreadSafeFlag


class Pin:
    """A pin with `trigger` for asyncio and `wait` without.

    Args:
        pin: a `machine.Pin`, or what makes one together with the other arguments.
    """

    IN = MachinePin.IN
    OUT = MachinePin.OUT
    PULL_UP = MachinePin.PULL_UP
    RISING = MachinePin.IRQ_RISING
    FALLING = MachinePin.IRQ_FALLING

    def __init__(self, pin, *arguments, **options) -> None:
        if not hasattr(pin, "irq"):
            pin = MachinePin(pin, *arguments, **options)
        self.pin = pin
        self._flag = ThreadSafeFlag()
        self._edge = 0
        self._count = 0
        self._is_awaited = False
        # A bound method is an allocation, which an interrupt may not make.
        self._handler = self._interrupt

    def __call__(self, *value):
        return self.pin.value(*value)

    def value(self, *value):
        """Return the level, or set it."""
        return self.pin.value(*value)

    def on(self) -> None:
        """Set the level to 1."""
        self.pin.value(1)

    def off(self) -> None:
        """Set the level to 0."""
        self.pin.value(0)

    def arm(self, edge: int) -> None:
        """Count these edges from now on; `trigger` and `wait` do so by themselves."""
        if edge != self._edge:
            self._edge = edge
            self._count = 0
            self.pin.irq(handler=self._handler, trigger=edge)

    def disarm(self) -> None:
        """Count no edges any more."""
        self._edge = 0
        self.pin.irq(handler=None)

    def _interrupt(self, _pin) -> None:
        self._count += 1
        self._flag.set()

    def take_edges(self) -> int:
        """Return how many edges have come since the last call."""
        with irq_disabled():
            count = self._count
            self._count = 0
        return count

    async def trigger(self, edge: int, debounce_ms: int = 0) -> int:
        """Wait for an edge; return how many came since the last call.

        Those between two calls are counted, so that none is missed.

        Args:
            edge: Pin.RISING, Pin.FALLING, or both, with `|`.
            debounce_ms: take the edges within this time for one, and for none if the
                level is not what one edge leaves.
        """
        if self._is_awaited:
            raise RuntimeError("another task waits for this pin")
        self._is_awaited = True
        try:
            self.arm(edge)
            while True:
                count = self.take_edges()
                if not count:
                    await self._flag.wait()
                elif not debounce_ms:
                    return count
                else:
                    await asyncio.sleep(debounce_ms / 1000)
                    self.take_edges()
                    if self._has_settled(edge):
                        return 1
        finally:
            self._is_awaited = False

    def wait(self, edge: int, timeout_ms: int = -1, debounce_ms: int = 0) -> int:
        """Do the same without asyncio; return 0 if nothing came in time."""
        from upins.waiting import wait

        self.arm(edge)
        deadline = ticks_add(ticks_ms(), timeout_ms)
        while True:
            left = max(ticks_diff(deadline, ticks_ms()), 0) if timeout_ms >= 0 else -1
            if wait(self, timeout_ms=left) is None:
                return 0
            count = self.take_edges()
            if not debounce_ms:
                return count
            wait(timeout_ms=debounce_ms)
            self.take_edges()
            if self._has_settled(edge):
                return 1

    def is_ready(self) -> bool:
        """Return whether an edge has come that nobody has taken."""
        return self._count > 0

    def _has_settled(self, edge: int) -> bool:
        return edge not in (self.RISING, self.FALLING) or (
            bool(self.pin.value()) == (edge == self.RISING)
        )
