"""Copy a tree of files: each file at once or not at all, and only what changed."""

from __future__ import annotations

import filecmp
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Copied", "copy_tree"]

# Names files that must be there before it: it is copied last.
MANIFESTS = ("staticfiles.json",)


@dataclass
class Copied:
    """How many files were copied, were the same already, and were removed."""

    copied: int = 0
    same: int = 0
    removed: int = 0


def copy_tree(source: Path, target: Path, *, delete: bool = False) -> Copied:
    """Make `target` hold the files of `source`, with their times and modes.

    A web server that serves `target` meanwhile sees each file as it was or as it is. What
    is only in `target` stays unless `delete`, and goes last: pages that are being
    served may still name it.

    Raises:
        OSError: a file cannot be read or written; what was copied before stays.
    """
    done = Copied()
    wanted = sorted(_files(source), key=lambda path: (path.name in MANIFESTS, path))
    for relative in wanted:
        if _is_same(source / relative, target / relative):
            done.same += 1
        else:
            _replace(source / relative, target / relative)
            done.copied += 1
    if delete:
        for relative in set(_files(target)) - set(wanted):
            (target / relative).unlink()
            done.removed += 1
        _remove_empty_folders(target)
    return done


def _files(folder: Path) -> Iterator[Path]:
    for above, _, names in os.walk(folder):
        for name in names:
            yield Path(above, name).relative_to(folder)


def _is_same(source: Path, target: Path) -> bool:
    if not target.is_file() or target.is_symlink():
        return False
    ours, theirs = source.stat(), target.stat()
    if ours.st_size != theirs.st_size or ours.st_mode != theirs.st_mode:
        return False
    # A time alone may be that of another image with the same clock.
    return ours.st_mtime_ns == theirs.st_mtime_ns or filecmp.cmp(
        source, target, shallow=False
    )


def _replace(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".copystatic-", dir=target.parent)
    try:
        os.close(descriptor)
        shutil.copy2(source, name)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _remove_empty_folders(target: Path) -> None:
    for above, folders, _ in os.walk(target, topdown=False):
        for name in folders:
            folder = Path(above, name)
            if not folder.is_symlink() and not any(folder.iterdir()):
                folder.rmdir()
