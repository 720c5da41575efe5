"""How long a server lives: as long as one run, or as long as any run of a clone."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from dev_services.machine.locks import Lock, locked
from dev_services.machine.processes import end, started_on

__all__ = ["Server", "alone", "clear_away", "shared", "throw_away_directory"]

PATIENCE_S = 10


class Server(Protocol):
    """A server with one place on disk, that any process may start or stop."""

    @property
    def place(self) -> Path:
        """Folder that holds all of its files."""

    def url(self) -> str | None:
        """Return its address with the password, or None if it does not run."""

    def start(self) -> str:
        """Start it and return its address; leave nothing running on failure."""

    def stop(self) -> None:
        """Stop it if it runs."""


@contextmanager
def shared(server: Server) -> Iterator[str]:
    """Have `server` run within the block: the first user starts it, the last stops it.

    A user that is killed counts no more, so the next one to end stops the server.
    """
    turn = server.place.with_name(f"{server.place.name}.lock")
    users = Lock(server.place.with_name(f"{server.place.name}.users"))
    try:
        with locked(turn):
            url = server.url() or server.start()
            users.share()
        try:
            yield url
        finally:
            with locked(turn):
                if users.try_to_take():
                    server.stop()
    finally:
        users.close()


@contextmanager
def alone(server: Server) -> Iterator[str]:
    """Have a new `server` run within the block only."""
    try:
        yield server.start()
    finally:
        server.stop()


@contextmanager
def throw_away_directory(base: Path) -> Iterator[Path]:
    """Give a new folder below `base` that is gone after the block.

    What earlier runs left that were killed is ended and removed first.
    """
    with locked(base / "lock"):
        for earlier in base.glob("run-*"):
            _clear_if_abandoned(earlier)
        directory = Path(tempfile.mkdtemp(prefix="run-", dir=base))
        directory.chmod(0o711)  # Root's servers have an account of their own.
        life = Lock(directory / "lock")
        life.take()
    try:
        yield directory
    finally:
        clear_away(directory)
        life.close()


def clear_away(directory: Path) -> None:
    """End every process that was started on `directory`, and remove it."""
    left = started_on(directory)
    if not end(left, signal.SIGINT, PATIENCE_S):
        end(left, signal.SIGKILL, PATIENCE_S)
    shutil.rmtree(directory, ignore_errors=True)


def _clear_if_abandoned(directory: Path) -> None:
    life = Lock(directory / "lock")
    try:
        if life.try_to_take():
            clear_away(directory)
    finally:
        life.close()
