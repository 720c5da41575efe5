"""Import files: parse, plan, write, report."""

from __future__ import annotations

import functools
import gc
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from django.db import transaction

from wagtailimporter.exceptions import ImportFailed, Problems
from wagtailimporter.export.references import Names
from wagtailimporter.export.values import field_data
from wagtailimporter.fields.setters import ManySetter, Setter, TagsSetter
from wagtailimporter.parse.values import Value
from wagtailimporter.parse.yaml_text import parse
from wagtailimporter.plan.compare import Plan, Wishes
from wagtailimporter.plan.records import Given, Record
from wagtailimporter.report import Action, Change, Report, differences
from wagtailimporter.write.files import StoredFiles, remove_orphans
from wagtailimporter.write.history import Author
from wagtailimporter.write.internals import allot_keys, pretend_keys
from wagtailimporter.write.records import lock, write

__all__ = ["Author", "import_files"]

MIB = 1024 * 1024
MAX_BYTES = 8 * MIB  # A document takes 80 times its size in memory.


def import_files(
    paths: Iterable[str | PathLike[str]],
    *,
    dry_run: bool = False,
    diff: bool = False,
    author: Author | None = None,
    **wishes: Any,
) -> Report:
    """Import YAML files, all or nothing, and return what was done.

    Args:
        paths: the files; they may refer to each other's pages in any order. "-" is the
            standard input.
        dry_run: only find out what would be done.
        diff: report each value that changes, too.
        author: of the revisions, and what the pages' history says.
        wishes: the attributes of `plan.compare.Wishes`: `create_only`, `on_conflict`,
            `prune` and `prune_max`.

    Raises:
        ImportFailed: with every problem of every file; nothing was written.
    """
    with _garbage_collection_paused():
        documents = _read(paths)
        with StoredFiles() as files, transaction.atomic():
            if not dry_run:
                lock()
                remove_orphans()
            names = Names()
            snapshot = functools.partial(_stored_data, names) if diff else None
            allot = pretend_keys if dry_run else allot_keys
            records = Plan(documents, allot, Wishes(**wishes), snapshot).records
            names.note_records(records)
            actions = [_action(record, names if diff else None) for record in records]
            if not dry_run:
                write(records, files, author or Author())
        return Report(tuple(actions), dry_run)


@contextmanager
def _garbage_collection_paused() -> Iterator[None]:
    """Look for no reference cycles meanwhile: nearly all objects live to the end.

    The collector would walk all of them again and again, for a third of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(paths: Iterable[str | PathLike[str]]) -> list[Value]:
    problems, documents = Problems(), []
    for path in [fspath(path) for path in paths]:
        with problems.collected():
            data, name = _bytes_of(path)
            if len(data) > MAX_BYTES:
                message = f"larger than {MAX_BYTES // MIB} MiB; split it into files."
                raise ImportFailed.at(name, message)
            documents.extend(parse(data, name))
    problems.raise_if_any()
    return documents


def _bytes_of(path: str) -> tuple[bytes, str]:
    """Return what a file holds, up to one byte too many, and how messages name it."""
    if path == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>"
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1), path
    except OSError as error:
        raise ImportFailed.at(path, f"{error.strerror}.") from error


def _action(record: Record, names: Names | None) -> Action:
    outcome = _outcome(record)
    changes: tuple[Change, ...] = ()
    if names is not None and outcome == "updated":
        changes = tuple(_changes(record, names))
    return Action(record.kind, record.name, outcome, changes)


def _outcome(record: Record) -> str:
    if record.is_new:
        return "created"
    if record.upload:
        return "restored"
    if record.state.is_absent:
        return "deleted"
    if record.givens or record.effects:
        return "updated"
    return "kept" if record.is_kept else "unchanged"


def _changes(record: Record, names: Names) -> Iterator[Change]:
    for name, (before, after) in record.effects.items():
        yield Change(name, before, after)
    for name, given in record.givens.items():
        after = _data_of(given, record.instance, names)
        yield from differences(name, given.before, after)


def _stored_data(names: Names, setter: Setter, instance: Any) -> Any:
    return field_data(setter, instance, names)


def _data_of(given: Given, instance: Any, names: Names) -> Any:
    """Return what a field will hold; links and tags are not set before it is stored."""
    setter: Setter = given.setter
    if isinstance(setter, TagsSetter):
        return sorted(given.native)
    if isinstance(setter, ManySetter):
        model = setter.field.remote_field.model
        targets = (names.name(model, target.pk) for target in given.native)
        return sorted(targets, key=str)
    return field_data(setter, instance, names)
