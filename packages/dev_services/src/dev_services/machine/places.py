"""Where servers keep their files.

The account of root's servers cannot enter a home of mode 700: binaries and data go
below /var/lib/fieldkit. A server's place, and all that is above it, stays root's: the
account owns only the folders in it that its server writes, so it can replace nothing
that root reads or writes by its path.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dev_services.exceptions import ServiceError
from dev_services.machine.accounts import Account, make_account
from dev_services.machine.locks import locked
from dev_services.machine.ownership import (
    refuse_other_owner,
    refuse_other_owners_below,
    write_file,
)

__all__ = [
    "Places",
    "folder_of",
    "free_port",
    "installed_once",
    "place_of_server",
    "write_private",
]

ROOTS_PLACE = Path("/var/lib/fieldkit")


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
        """Return the places for `chosen`, else for the clone around `start`.

        Raises:
            ServiceError: the clone belongs to another user.
        """
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

    def refuse_other_owners(self) -> None:
        """Do nothing if all that will be trusted is ours.

        Raises:
            ServiceError: a folder or something in it belongs to another user.
        """
        if self.account.is_roots:
            # Whoever may rename a folder above decides what root's path leads to.
            for folder in self.pointer.parents:
                refuse_other_owner(folder)
        refuse_other_owners_below(self.pointer)
        refuse_other_owners_below(self.binaries)
        refuse_other_owner(self.kept)

    def prepare(self) -> None:
        """Make the kept folder; for root, leave a pointer to it in the clone."""
        self.refuse_other_owners()
        self.pointer.mkdir(parents=True, exist_ok=True)
        _write_if_other(self.pointer / ".gitignore", "*\n")
        if self.account.is_roots:
            self._follow_renamed_clone()
            _open_directory(self.kept)
            self._make_account()
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
        if is_renamed and not list(before.glob("*/data/postmaster.pid")):
            before.rename(self.kept)

    def _make_account(self) -> None:
        make_account(self.account, self.binaries.with_name("account.lock"))

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
            self._make_account()
        self.throw_away.mkdir(mode=0o700, exist_ok=True)
        found = self.throw_away.lstat()
        if found.st_uid != os.geteuid() or found.st_mode & 0o022:
            message = f"{self.throw_away} is not ours alone; remove it or set TMPDIR."
            raise ServiceError(message)
        return self.throw_away


def place_of_server(path: Path, account: Account) -> Path:
    """Make and return the folder of one server; root's account may pass through it."""
    path.mkdir(mode=0o700)
    if account.is_roots:
        path.chmod(0o711)
    return path


def folder_of(account: Account, path: Path) -> Path:
    """Make and return a folder for the account alone, in a folder of ours."""
    path.mkdir(mode=0o700)
    with account.owning(path):
        pass
    return path


def write_private(
    path: Path, text: str, *, account: Account | None = None, folder: int | None = None
) -> None:
    """Write a file for one user alone: the account, or ourselves without one.

    Args:
        path: the file, which is replaced; relative to `folder` if that is given.
        text: what it holds.
        account: its owner.
        folder: descriptor of the folder that it is in.
    """
    with suppress(FileNotFoundError):
        os.unlink(path, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o600, dir_fd=folder)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123  # a descriptor
        file.write(text)
        if account:
            account.give(descriptor)


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
    # As git does, refuse a repository of another owner: anybody can plant one in a
    # shared folder such as /tmp, around folders that are ours.
    for folder in (start, *start.parents):
        if os.path.lexists(folder / ".git"):
            refuse_other_owner(folder)
            refuse_other_owner(folder / ".git")
            return folder
    refuse_other_owner(start, but_root=True)
    return start


def _read(path: Path) -> str | None:
    return path.read_text().strip() if path.is_file() else None


def _write_if_other(path: Path, text: str) -> None:
    if not path.is_file() or path.read_text() != text:
        write_file(path, text)


def _open_directory(path: Path) -> None:
    # The umask may forbid what the account needs: to pass through folders of root.
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
