"""Trust no file of another user: not its owner, nor a link in its place, nor its kind."""

from __future__ import annotations

import errno
import os
import pwd
import stat
from pathlib import Path

from dev_services.exceptions import ServiceError

__all__ = ["read_tail", "refuse_other_owner", "refuse_other_owners_below", "write_file"]

ROOT = 0
TAIL_BYTES = 65_536


def refuse_other_owner(path: Path, *, but_root: bool = False) -> None:
    """Do nothing if `path` is ours or does not exist; a link counts by its own owner.

    Args:
        path: what is about to be trusted.
        but_root: root may own it, too.

    Raises:
        ServiceError: another user owns it, or everybody may write in it.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if found.st_uid != os.geteuid() and not (but_root and found.st_uid == ROOT):
        message = (
            f"{path} belongs to {_user(found.st_uid)}, who could replace what is run"
            " and read there: run this as that user, make the folder yours with chown,"
            " or choose another with --state DIR."
        )
        raise ServiceError(message)
    is_open = stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_IWOTH
    if is_open and not found.st_mode & stat.S_ISVTX:
        message = (
            f"{path} can be written by everybody, who could replace what is run and"
            f" read there: remove it, or look through it and `chmod o-w {path}`."
        )
        raise ServiceError(message)


def refuse_other_owners_below(folder: Path) -> None:
    """Refuse `folder` and the entries that stand directly in it, as above.

    Raises:
        ServiceError: another user owns one of them, or everybody may write there.
    """
    refuse_other_owner(folder)
    if folder.is_dir():
        for entry in folder.iterdir():
            refuse_other_owner(entry)


def write_file(path: Path, text: str) -> None:
    """Write a file of ours; a link in its place is not followed.

    Raises:
        OSError: it cannot be written; ELOOP if it is a link.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with open(os.open(path, flags, 0o644), "w", encoding="utf-8") as file:  # noqa: PTH123  # a descriptor
        file.write(text)


def read_tail(path: Path, size_bytes: int = TAIL_BYTES) -> str:
    """Return up to the last `size_bytes` of a file that a server wrote in its folder.

    Raises:
        OSError: it cannot be read, or is not a file: a link, or a pipe that would make
            us wait.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    with open(os.open(path, flags), "rb") as file:  # noqa: PTH123  # a descriptor
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "not a file", str(path))
        file.seek(max(0, found.st_size - size_bytes))
        return file.read(size_bytes).decode(errors="replace")


def _user(uid: int) -> str:
    try:
        return f"{pwd.getpwuid(uid).pw_name!r}"
    except KeyError:
        return f"uid {uid}"
