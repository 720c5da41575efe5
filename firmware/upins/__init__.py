"""Pins and I/O in Python's own idioms, on every port.

irq      `with irq_disabled():` and `@irq_disabled`
pin      `await pin.trigger(Pin.FALLING)`, and `pin.wait()` without asyncio
waiting  wait for pins and streams alike, with and without asyncio
fake     pins for a computer that has none, for tests and examples
"""

from upins.irq import irq_disabled  # noqa: F401
from upins.pin import Pin  # noqa: F401
from upins.waiting import readable, wait  # noqa: F401
