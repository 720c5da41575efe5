"""The account that runs the servers: the user's own, or one made for root's servers.

PostgreSQL and Elasticsearch refuse root. Root's servers run as a system account that
nothing else uses: whatever runs as `nobody` could read what another service of
`nobody` keeps. initdb looks its user up in the user database, so a bare uid is not
enough.
"""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath

from dev_services.exceptions import ServiceError
from dev_services.machine.locks import locked
from dev_services.machine.narrate import say
from dev_services.machine.programs import Identity, call

__all__ = ["NAME", "Account", "make_account", "our_account"]

NAME = "fieldkit-services"
SHELLS = ("/usr/sbin/nologin", "/sbin/nologin", "/bin/false")
PLACES_OF_USERADD = "/usr/sbin:/sbin"


@dataclass(frozen=True)
class Account:
    """Who runs the servers: the present user, or the account `name` in root's stead.

    Root's account may not exist yet: see `make_account`.
    """

    name: str
    is_roots: bool

    @property
    def uid(self) -> int:
        """The number of the user."""
        return pwd.getpwnam(self.name).pw_uid if self.is_roots else os.geteuid()

    @property
    def gid(self) -> int:
        """The number of the user's own group."""
        return pwd.getpwnam(self.name).pw_gid if self.is_roots else os.getegid()

    @property
    def identity(self) -> Identity:
        """Arguments that make `subprocess` run a program as this account."""
        if not self.is_roots:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    @contextmanager
    def owning(self, path: Path) -> Iterator[int]:
        """Give the descriptor of a folder of ours; its account owns it afterwards.

        What is written within the block is written before anybody else may enter.
        """
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        descriptor = os.open(path, flags)
        try:
            yield descriptor
            self.give(descriptor)
        finally:
            os.close(descriptor)

    def give(self, descriptor: int) -> None:
        """Make the account the owner of an open file or folder of root."""
        if self.is_roots:
            os.fchown(descriptor, self.uid, self.gid)


def our_account() -> Account:
    """Return the account that may run servers for the present user; make none.

    Raises:
        ServiceError: there is none, and none can be made.
    """
    uid = os.geteuid()
    if uid != 0:
        return Account(_entry_of(uid).pw_name, is_roots=False)
    if (entry := _find(NAME)) is None:
        _useradd()
    elif entry.pw_uid == 0 or PurePath(entry.pw_shell).name not in ("nologin", "false"):
        message = (
            f"the account {NAME!r} can log in; root's servers run as an account of"
            f" that name which cannot: `usermod --shell {_shell()} {NAME}`"
        )
        raise ServiceError(message)
    return Account(NAME, is_roots=True)


def make_account(account: Account, lock: Path) -> None:
    """Make root's account where it does not exist yet, and say so.

    Raises:
        ServiceError: it cannot be made.
    """
    if not account.is_roots or _find(account.name):
        return
    with locked(lock):
        if _find(account.name):
            return
        command = [
            *(_useradd(), "--system", "--user-group", "--no-create-home"),
            *("--home-dir", "/nonexistent", "--shell", _shell()),
            *("--comment", "Servers of fieldkit", account.name),
        ]
        try:
            call(command)
        except ServiceError as error:
            message = (
                f"the system account {account.name!r}, which runs root's servers,"
                f" cannot be made ({error}): make it, or run this as another user"
            )
            raise ServiceError(message) from error
        say(f"made the system account {account.name}, which runs root's servers")


def _entry_of(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        message = f"uid {uid} has no entry in the user database (/etc/passwd): add one"
        raise ServiceError(message) from None


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _useradd() -> str:
    path = f"{os.environ.get('PATH', os.defpath)}:{PLACES_OF_USERADD}"
    if found := shutil.which("useradd", path=path):
        return found
    message = (
        f"root's servers run as the system account {NAME!r}, and there is no useradd"
        " to make it: make it, without a login shell, or run this as another user"
    )
    raise ServiceError(message)


def _shell() -> str:
    return next((shell for shell in SHELLS if Path(shell).exists()), SHELLS[-1])
