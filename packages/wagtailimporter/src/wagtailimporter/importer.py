"""Import files: parse, plan, write, report."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from os import PathLike, fspath
from pathlib import Path

from django.db import transaction

from wagtailimporter.exceptions import ImportFailed, Problems
from wagtailimporter.parse.values import Value
from wagtailimporter.parse.yaml_text import parse
from wagtailimporter.plan.compare import Plan
from wagtailimporter.plan.records import Record
from wagtailimporter.report import Action, Report
from wagtailimporter.write.history import Author
from wagtailimporter.write.internals import allot_keys, pretend_keys
from wagtailimporter.write.records import files_removed_on_failure, lock, write

__all__ = ["import_files"]

MIB = 1024 * 1024
MAX_BYTES = 8 * MIB  # A document takes 80 times its size in memory.


def import_files(
    paths: Iterable[str | PathLike[str]],
    *,
    dry_run: bool = False,
    create_only: bool = False,
    on_conflict: str = "fail",
    author: Author | None = None,
) -> Report:
    """Import YAML files, all or nothing, and return what was done.

    Args:
        paths: the files; they may refer to each other's pages in any order.
        dry_run: only find out what would be done.
        create_only: create what does not exist yet, and leave everything else as
            editors left it. A page without a revision, which a migration made, is
            filled in.
        on_conflict: what to do with a page that differs and that an editor has a draft
            of: "fail", or keep "theirs", or write "ours".
        author: of the revisions, and what the pages' history says.

    Raises:
        ImportFailed: with every problem of every file; nothing was written.
    """
    with _garbage_collection_paused():
        documents = _read(paths)
        with files_removed_on_failure() as stored_files, transaction.atomic():
            if not dry_run:
                lock()
            records = Plan(
                documents,
                pretend_keys if dry_run else allot_keys,
                on_conflict=on_conflict,
                create_only=create_only,
            ).records
            report = Report(tuple(map(_action, records)), dry_run)
            if not dry_run:
                write(records, stored_files, author or Author())
        return report


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
            try:
                with Path(path).open("rb") as file:
                    data = file.read(MAX_BYTES + 1)
            except OSError as error:
                raise ImportFailed.at(path, f"{error.strerror}.") from error
            if len(data) > MAX_BYTES:
                message = f"larger than {MAX_BYTES // MIB} MiB; split it into files."
                raise ImportFailed.at(path, message)
            documents.extend(parse(data, path))
    problems.raise_if_any()
    return documents


def _action(record: Record) -> Action:
    return Action(record.kind, record.name, _outcome(record))


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
