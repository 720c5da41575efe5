"""Where servers keep their files, and the account that they run as.

PostgreSQL and Elasticsearch refuse root. Root's servers therefore run as `nobody`,
who cannot enter a home of mode 700: binaries and data go below /var/lib/fieldkit.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from ixdjango.exceptions import ServiceError
from ixdjango.services.locks import locked

__all__ = [
    "Account",
    "Places",
    "free_port",
    "installed_once",
    "our_account",
    "private_directory",
    "private_file",
]

ROOTS_PLACE = Path("/var/lib/fieldkit")


class Identity(TypedDict, total=False):
    """Arguments of `subprocess.run` that drop root's rights."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """Who runs the servers: the user, or `nobody` in root's stead."""

    uid: int
    gid: int
    is_roots: bool

    @property
    def identity(self) -> Identity:
        """Arguments that make `subprocess` run a program as this account."""
        if not self.is_roots:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def our_account() -> Account:
    """Return the account that may run servers for the present user.

    Raises:
        ServiceError: the account has no entry in the user database; initdb asks
            for one.
    """
    uid = os.geteuid()
    try:
        entry = pwd.getpwnam("nobody") if uid == 0 else pwd.getpwuid(uid)
    except KeyError:
        who = "user nobody" if uid == 0 else f"uid {uid}"
        message = f"{who} has no entry in the user database (/etc/passwd): add one"
        raise ServiceError(message) from None
    return Account(entry.pw_uid, entry.pw_gid, is_roots=uid == 0)


@dataclass(frozen=True)
class Places:
    """The folders of one clone's services.

    `pointer` is the clone's own `.services`; `kept` holds what outlives a run: the
    same folder, or for root one below /var/lib/fieldkit that is named after it.
    """

    account: Account
    pointer: Path
    kept: Path
    throw_away: Path
    binaries: Path

    @classmethod
    def of(cls, account: Account, chosen: Path | None, start: Path) -> Places:
        """Return the places for `chosen`, else for the clone around `start`."""
        pointer = (chosen or _git_top(start) / ".services").resolve()
        if not account.is_roots:
            temporary = Path(tempfile.gettempdir()) / f"fieldkit-{account.uid}"
            return cls(account, pointer, pointer, temporary, pointer / "bin")
        digest = hashlib.sha256(os.fsencode(pointer)).hexdigest()[:12]
        named_after = pointer.parent if pointer.name == ".services" else pointer
        word = re.sub(r"[^A-Za-z0-9_.-]+", "-", named_after.name).strip(".-")
        kept = ROOTS_PLACE / f"{word or 'clone'}-{digest}"
        binaries = ROOTS_PLACE / "bin"
        return cls(account, pointer, kept, ROOTS_PLACE / "throw-away", binaries)

    def prepare(self) -> None:
        """Make the kept folder; for root, leave a pointer to it in the clone."""
        self.pointer.mkdir(parents=True, exist_ok=True)
        _write_if_other(self.pointer / ".gitignore", "*\n")
        if self.account.is_roots:
            self._follow_renamed_clone()
            _open_directory(self.kept)
            _write_if_other(self.pointer / "kept-in", f"{self.kept}\n")
            _write_if_other(self.kept / "kept-for", f"{self.pointer}\n")

    def _follow_renamed_clone(self) -> None:
        """Take over what root's servers kept for this clone under its former name.

        A copy of a clone has the same pointer: it takes nothing from one that is there,
        nor from a server that runs.
        """
        before = Path(_read(self.pointer / "kept-in") or self.kept)
        owner = _read(before / "kept-for")
        is_renamed = (
            before.parent == self.kept.parent
            and owner is not None
            and not Path(owner).exists()
            and not self.kept.exists()
        )
        if is_renamed and not list(before.glob("*/postmaster.pid")):
            before.rename(self.kept)

    def prepare_binaries(self) -> Path:
        """Make and return the folder of programs, which every user may enter."""
        if not self.account.is_roots:
            self.prepare()  # They are in the clone.
        _open_directory(self.binaries)
        return self.binaries

    def prepare_throw_away(self) -> Path:
        """Make and return the folder of throw-away runs, which nobody else writes.

        Raises:
            ServiceError: it exists and belongs to somebody else (anybody may make
                it first in a shared temporary folder).
        """
        if self.account.is_roots:
            _open_directory(self.throw_away)
        self.throw_away.mkdir(mode=0o700, exist_ok=True)
        found = self.throw_away.lstat()
        if found.st_uid != os.geteuid() or found.st_mode & 0o022:
            message = f"{self.throw_away} is not ours alone; remove it or set TMPDIR."
            raise ServiceError(message)
        return self.throw_away


def private_directory(path: Path, account: Account) -> None:
    """Make `path` for the account alone; its parent exists."""
    path.mkdir(mode=0o700)
    if account.is_roots:
        os.chown(path, account.uid, account.gid)


def private_file(path: Path, text: str, account: Account) -> None:
    """Write `text` to a file that only the account, and root, may read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    if account.is_roots:
        os.chown(path, account.uid, account.gid)
    path.write_text(text)


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def installed_once(target: Path, install: Callable[[Path], None]) -> Path:
    """Return `target`, made whole by `install` the first time, whoever asks first.

    `install` is given an empty folder; what a killed run left is removed.
    """
    if target.is_dir():
        return target
    with locked(target.with_name(f"{target.name}.lock")):
        if not target.is_dir():
            half_made = target.with_name(f"{target.name}.new")
            shutil.rmtree(half_made, ignore_errors=True)
            half_made.mkdir()
            install(half_made)
            _let_everybody_read(half_made)
            half_made.rename(target)
    return target


def _git_top(start: Path) -> Path:
    # Walking up is enough, and git refuses repositories of other owners.
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    return start


def _read(path: Path) -> str | None:
    return path.read_text().strip() if path.is_file() else None


def _write_if_other(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text() != text:
        path.write_text(text)


def _open_directory(path: Path) -> None:
    # The umask may forbid what `nobody` needs: to pass through folders of root.
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)


def _let_everybody_read(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            may_execute = path.is_dir() or mode & 0o100
            path.chmod(mode | (0o555 if may_execute else 0o444))
