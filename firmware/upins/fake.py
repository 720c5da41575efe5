"""Pins for a computer: tests and examples turn them by hand.

`FakePin.drive(level)` is the outside world; the handler of an edge is called at once,
or, while interrupts are disabled, when they are enabled again, as on the chip.
"""

import asyncio

_depth = 0
_pending: list = []


def disable_irq() -> int:
    """Disable interrupts; return the state to give to `enable_irq`."""
    global _depth
    before = _depth
    _depth += 1
    return before


def enable_irq(state: int) -> None:
    """Restore the state; what was pending is called."""
    global _depth
    _depth = state
    while not _depth and _pending:
        handler, pin = _pending.pop(0)
        handler(pin)


class Pin:
    """What `machine.Pin` is on a device."""

    IN = 0
    OUT = 1
    PULL_UP = 1
    IRQ_RISING = 1
    IRQ_FALLING = 2
    by_number: dict = {}

    def __init__(self, number, mode: int = -1, pull: int = -1, value=None) -> None:
        self.number = number
        self._level = value if value is not None else int(pull == self.PULL_UP)
        self._handler = None
        self._trigger = 0
        self.by_number[number] = self

    def value(self, *level):
        """Return the level, or set it."""
        if not level:
            return self._level
        self._level = int(bool(level[0]))
        return None

    def irq(self, handler=None, trigger: int = IRQ_RISING | IRQ_FALLING) -> None:
        """Call the handler at each of these edges."""
        self._handler = handler
        self._trigger = trigger

    def drive(self, level: int) -> None:
        """Let the outside world set the level."""
        level = int(bool(level))
        edge = self.IRQ_RISING if level else self.IRQ_FALLING
        has_changed = level != self._level
        self._level = level
        if has_changed and self._handler is not None and self._trigger & edge:
            if _depth:
                _pending.append((self._handler, self))
            else:
                self._handler(self)


class ThreadSafeFlag:
    """What `asyncio.ThreadSafeFlag` is where asyncio has it."""

    def __init__(self) -> None:
        self._is_set = False
        self._wake = None

    def set(self) -> None:
        """Set the flag, and wake the task that waits."""
        self._is_set = True
        if self._wake is not None:
            self._wake()

    async def wait(self) -> None:
        """Wait for the flag, and clear it."""
        if not self._is_set:
            event = asyncio.Event()
            self._wake = event.set
            if hasattr(asyncio, "get_running_loop"):  # CPython, maybe with threads.
                loop = asyncio.get_running_loop()
                self._wake = lambda: loop.call_soon_threadsafe(event.set)
            try:
                await event.wait()
            finally:
                self._wake = None
        self._is_set = False
