"""Run a command on servers, pass signals to it, and return its exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from dev_services.machine.narrate import say
from dev_services.servers.keeper import SIGNALS, Provide, kept

__all__ = ["run"]

BY_SIGNAL = 128
NOT_FOUND = 127


def run(
    command: Sequence[str],
    environ: Mapping[str, str],
    provide: Provide | None,
    finish: Callable[[Mapping[str, str]], Mapping[str, str]] = dict,
) -> int:
    """Run `command`, with the variables of what `provide` starts in `environ`.

    Args:
        command: the program and its arguments.
        environ: its environment, but for what is started.
        provide: what starts servers, if any are to be started.
        finish: makes its environment from both.

    Returns:
        Its exit code; 128 + N where signal N ended it (or us before it began), and
        127 where it cannot be run, as a shell has it.

    Raises:
        ServiceError: a server does not start.
    """
    relay = _Relay()
    for number in SIGNALS:
        # nohup asks for SIGHUP to be ignored, and a shell for SIGINT in its `&` jobs.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, relay)
    with ExitStack() as stack:
        keeper = stack.enter_context(kept(provide)) if provide else None
        variables = keeper.variables if keeper else {}
        try:
            child = relay.launch(command, finish({**environ, **variables}))
        except OSError as error:
            say(f"error: {command[0]}: {error.strerror}")
            return NOT_FOUND
        if keeper:
            keeper.end_with_us(child.pid)
        code = child.wait()
    return code if code >= 0 else BY_SIGNAL - code


class _Relay:
    """Signal handler: ends us before the command begins, then tells the command."""

    def __init__(self) -> None:
        self.child: subprocess.Popen[bytes] | None = None
        self.early: list[int] | None = None

    def launch(
        self, command: Sequence[str], environ: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        self.early = []  # From here on, the command gets what arrives.
        self.child = subprocess.Popen(command, env=environ)  # noqa: S603  # the user's own
        for number in self.early:
            self.child.send_signal(number)
        return self.child

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.early is None:
            sys.exit(BY_SIGNAL + number)
        if self.child is None:
            self.early.append(number)
        elif number != signal.SIGINT or not _typed():
            self.child.send_signal(number)


def _typed() -> bool:
    # Ctrl-C reaches every process in the foreground: the command has it already, and
    # a second one would cut its clean-up short.
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
