"""Start and stop the Redis that is installed on this machine."""

from __future__ import annotations

import secrets
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import psutil

from dev_services.exceptions import ServiceError
from dev_services.machine.accounts import Account
from dev_services.machine.narrate import say
from dev_services.machine.ownership import read_tail
from dev_services.machine.places import (
    folder_of,
    free_port,
    place_of_server,
    write_private,
)
from dev_services.machine.processes import end
from dev_services.machine.programs import call
from dev_services.servers.redis_protocol import (
    RedisAddress,
    redis_version,
    wait_until_ready,
)

__all__ = ["RedisServer"]

START_TIMEOUT_S = 20
STOP_TIMEOUT_S = 20
_SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{place}/data"
pidfile "{place}/data/pid"
logfile "{place}/data/log"
daemonize yes
set-proc-title no
"""
_DURABLE = "appendonly yes\n"
_FORGETFUL = 'save ""\nappendonly no\n'


@dataclass(frozen=True)
class RedisServer:
    """A Redis in `place`, run by `program` as `account`.

    A `durable` one keeps its data; another is meant to be thrown away.
    """

    place: Path
    program: Path
    account: Account
    durable: bool = True

    def url(self) -> str | None:
        """Return the address of the running server, with its password, or None."""
        return self._written_url() if self._process() else None

    def start(self) -> str:
        """Start the server, wait until it answers, and return its address.

        Raises:
            ServiceError: it does not start; its log says why.
        """
        started_at = time.monotonic()
        self._configure()
        call(
            [self.program, self.place / "redis.conf"],
            identity=self.account.identity,
            environ={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            timeout_s=START_TIMEOUT_S,
        )
        try:
            address = RedisAddress.of({"REDIS_URL": self._written_url()})
            wait_until_ready(address, START_TIMEOUT_S)
            url = self.url() or self._fail("ended at once")
        except BaseException:
            self.stop()
            raise
        took_s = time.monotonic() - started_at
        say(f"Redis {redis_version(address)} started in {took_s:.1f} s at {address}")
        return url

    def stop(self) -> None:
        """Stop the server if it runs."""
        process = self._process()
        if process is None:
            return
        started_at = time.monotonic()
        if not end([process], signal.SIGTERM, STOP_TIMEOUT_S):
            self._fail(f"(pid {process.pid}) does not stop")
        say(f"Redis stopped in {time.monotonic() - started_at:.1f} s")

    def _configure(self) -> None:
        if not self.place.is_dir():
            place_of_server(self.place, self.account)
            folder_of(self.account, self.place / "data")
            write_private(self.place / "password", secrets.token_hex(16))
        write_private(self.place / "port", str(free_port()))
        settings = _SETTINGS.format(
            port=(self.place / "port").read_text(),
            password=(self.place / "password").read_text(),
            place=str(self.place).replace("\\", "\\\\").replace('"', '\\"'),
        )
        settings += _DURABLE if self.durable else _FORGETFUL
        write_private(self.place / "redis.conf", settings, account=self.account)

    def _written_url(self) -> str:
        password, port = (
            (self.place / name).read_text() for name in ("password", "port")
        )
        # Clients disagree about a URL without a user.
        return f"redis://default:{password}@127.0.0.1:{port}/0"

    def _process(self) -> psutil.Process | None:
        # A pid may belong to another process by now; the server names its file.
        try:
            process = psutil.Process(int(read_tail(self.place / "data" / "pid")))
            is_ours = process.uids().effective == self.account.uid
            is_named = str(self.place / "redis.conf") in process.cmdline()
        except (OSError, ValueError, KeyError, psutil.Error):
            return None
        return process if is_ours and is_named else None

    def _fail(self, what: str) -> NoReturn:
        message = f"Redis in {self.place} {what} (log: {self.place / 'data' / 'log'})."
        raise ServiceError(message)
