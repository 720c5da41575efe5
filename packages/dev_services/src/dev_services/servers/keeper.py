"""Keep servers for as long as another process lives, however it ends.

The keeper is a fork with a session of its own: no Ctrl-C and no hang-up of the
terminal reaches it. It starts the servers, sends their variables through a socket,
and waits for the other end to close. The kernel closes it even after a SIGKILL.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import NoReturn

from dev_services.exceptions import DevServicesError, ServiceError
from dev_services.machine.narrate import say

__all__ = ["SIGNALS", "Keeper", "Provide", "kept"]

PATIENCE_S = 10
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

#: Have servers run within the block, and give the variables that lead to them.
Provide = Callable[[], AbstractContextManager[dict[str, str]]]


@dataclass(frozen=True)
class Keeper:
    """The keeper as its parent sees it: the variables, and its ear."""

    variables: Mapping[str, str]
    channel: socket.socket

    def end_with_us(self, pid: int) -> None:
        """Have the process `pid` ended too, should we be killed."""
        with suppress(BrokenPipeError):  # Somebody ended the keeper itself.
            self.channel.sendall(f"{pid}\n".encode())


@contextmanager
def kept(provide: Provide) -> Iterator[Keeper]:
    """Have a keeper hold the servers within the block.

    Raises:
        ServiceError: a server does not start.
    """
    ours, theirs = socket.socketpair()
    # No signal may come between the fork and the block that ends and reaps the keeper.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    pid = os.fork()
    if pid == 0:
        ours.close()
        _keep(provide, theirs, mask)
    theirs.close()
    try:
        with ours:
            try:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
                reply = ours.makefile().readline()
            except BaseException:
                # Interrupted: it need not start the rest only to stop it all.
                os.kill(pid, signal.SIGTERM)
                raise
            yield Keeper(_variables(reply), ours)
    finally:
        os.waitpid(pid, 0)


def _variables(reply: str) -> dict[str, str]:
    if not reply:
        message = "the services ended before they were ready."
        raise ServiceError(message)
    kind, answer = json.loads(reply)
    if kind == "error":
        raise ServiceError(answer)
    variables: dict[str, str] = answer
    return variables


def _keep(provide: Provide, other: socket.socket, mask: set[int]) -> NoReturn:
    # A forked child must never return into its parent's code.
    try:
        os.setsid()
        # None is ignored: the servers would inherit that, and Java heed no SIGINT.
        for number in SIGNALS:
            signal.signal(number, _end)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        with ExitStack() as servers:
            answer = _start(provide, servers)
            other.sendall(f"{json.dumps(answer)}\n".encode())
            _wait_for_the_end(other)
    except BrokenPipeError:
        pass  # Our parent has ended meanwhile.
    except DevServicesError as error:
        say(f"error: {error}")
    except Exception:
        logging.getLogger(__name__).exception("The keeper of the services failed.")
    finally:
        os._exit(0)


def _start(provide: Provide, servers: ExitStack) -> tuple[str, object]:
    try:
        return "variables", servers.enter_context(provide())
    except DevServicesError as error:
        return "error", str(error)
    except OSError as error:
        return "error", f"{error.filename or 'system'}: {error.strerror}"


def _wait_for_the_end(other: socket.socket) -> None:
    from dev_services.machine.processes import end, find

    lines = other.makefile()
    pid = lines.readline()
    command = find(int(pid)) if pid else []
    lines.readline()  # Ends when nobody holds the other end any more.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end(command, signal.SIGTERM, PATIENCE_S)


def _end(signum: int, frame: object) -> NoReturn:
    signal.signal(signum, signal.SIG_IGN)  # The clean-up is not to be interrupted.
    sys.exit()
