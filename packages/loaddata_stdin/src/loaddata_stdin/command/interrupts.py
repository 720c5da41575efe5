"""End a process that is interrupted as an error ends it: rolled back, in one line."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["ending_in_one_line"]


class _Terminated(KeyboardInterrupt):
    """SIGTERM, raised as SIGINT is: that is what drivers cancel a query for."""


@contextmanager
def ending_in_one_line(say: Callable[[str], object]) -> Iterator[None]:
    """Exit with 130 on SIGINT and with 143 on SIGTERM, as a shell counts them.

    Without it SIGTERM leaves the transaction to the server, which goes on waiting for a
    while, and SIGINT ends in a traceback. In other threads than the main one no signal
    arrives, and nothing is done.

    Args:
        say: is called with the name of the signal, after the work has been undone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def terminate(number: int, frame: FrameType | None) -> None:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    except KeyboardInterrupt as error:
        is_term = isinstance(error, _Terminated)
        number = signal.SIGTERM if is_term else signal.SIGINT
        say(number.name)
        sys.exit(128 + number)
    finally:
        signal.signal(signal.SIGTERM, before)
