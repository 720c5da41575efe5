"""Watch over a leader: ping through the lock's connection, and hear signals.

A thread does both, since the main thread may be deep in a driver's C code. It cancels
the running query; the exception is raised in the main thread, by a signal handler.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from django.db import Error

from ixdjango.exceptions import DeployInterruptedError, LostLockError

__all__ = ["guarded"]

PING_S = 1.0
#: Docker kills ten seconds after SIGTERM; a step that hears nothing ends us before.
GRACE_S = 8.0
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class _Guard(threading.Thread):
    def __init__(
        self, ping: Callable[[], None], cancel: Callable[[], None], ear: socket.socket
    ) -> None:
        super().__init__(name="ixdjango deploy", daemon=True)
        self._ping, self._cancel, self._ear = ping, cancel, ear
        self.has_lost_lock = False
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.is_set():
            heard, _, _ = select.select([self._ear], [], [], PING_S)
            if self.stopped.is_set():
                return
            if heard:
                self._end_by(self._ear.recv(1)[0])
                return
            try:
                self._ping()
            except Error:
                if not self.stopped.is_set():
                    self.has_lost_lock = True
                    os.kill(os.getpid(), signal.SIGTERM)  # Wakes the main thread.
                    self._end_by(signal.SIGTERM)
                return

    def _end_by(self, number: int) -> None:
        if number not in SIGNALS:
            return
        # Again and again: a step may begin another query on its way out.
        for _ in range(round(GRACE_S / 0.2)):
            self._cancel()
            if self.stopped.wait(0.2):
                return
        os._exit(LostLockError.exit_code if self.has_lost_lock else 128 + number)


@contextmanager
def guarded(
    ping: Callable[[], None] | None, cancel: Callable[[], None]
) -> Iterator[None]:
    """Ping every second within the block, and end it by an exception if need be.

    Args:
        ping: records that we live; None leaves that out.
        cancel: ends what the main thread waits for.

    Raises:
        LostLockError: a ping failed.
        DeployInterruptedError: SIGTERM or SIGINT came.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Signals belong to the main thread.
        return
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    ear_before = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    guard = _Guard(ping or (lambda: None), cancel, ear)

    def end(number: int, frame: FrameType | None) -> None:
        if guard.stopped.is_set():
            return
        if guard.has_lost_lock:
            message = (
                "the connection that holds the lock is gone, so another deploy may lead;"
                " the running step was cancelled."
            )
            raise LostLockError(message)
        name = signal.Signals(number).name
        message = f"interrupted by {name}"
        raise DeployInterruptedError(message, number)

    before = {number: signal.signal(number, end) for number in SIGNALS}
    guard.start()
    try:
        yield
    finally:
        guard.stopped.set()
        signal.set_wakeup_fd(ear_before)
        mouth.send(b"\0")
        guard.join()
        for number, handler in before.items():
            signal.signal(number, handler)
        ear.close()
        mouth.close()
