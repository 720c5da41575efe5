"""Write records: create what is new, then set what had to wait, and publish."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import DatabaseError
from wagtail.models import DraftStateMixin, RevisionMixin, Site

from wagtailimporter.exceptions import ImportFailed
from wagtailimporter.fields.setters import base_page_model
from wagtailimporter.plan.records import Given, Record

__all__ = ["files_removed_on_failure", "write"]


@contextmanager
def files_removed_on_failure() -> Iterator[list[Any]]:
    """Give a list for stored files; delete those if the block fails.

    Use it outside the transaction, so that a failing commit counts too.
    """
    stored: list[Any] = []
    try:
        yield stored
    except BaseException:
        for file in stored:
            file.storage.delete(file.name)
        raise


def write(records: list[Record], stored_files: list[Any]) -> None:
    """Write everything; call it in a transaction.

    Args:
        records: in the order of creation.
        stored_files: takes every file as soon as it is stored.

    Raises:
        ImportFailed: the database or a model refused something after all.
    """
    changed = [record for record in records if record.is_changed]
    waiting = {}
    for record in changed:
        with _located(record):
            if record.is_new:
                waiting[id(record)] = _create(record, stored_files)
            elif record.upload:
                _restore_file(record, stored_files)
    for record in changed:
        if not (record.is_new or record.givens or id(record) in waiting):
            continue  # Only its file was restored.
        with _located(record):
            _finish(record, waiting.get(id(record)))


def _create(record: Record, stored_files: list[Any]) -> list[Given]:
    """Store a new object; return what could not be set yet."""
    instance, waiting = record.instance, []
    for given in record.givens.values():
        if given.setter.needs_stored or given.resolver.is_waiting:
            waiting.append(given)
        else:
            _set(instance, given)
    if record.upload:
        with record.upload.path.open("rb") as stream:
            instance.file.save(record.upload.path.name, File(stream), save=False)
        stored_files.append(instance.file)
    if isinstance(instance, base_page_model()):
        _add_page(record)
    else:
        instance.save()
    return waiting


def _restore_file(record: Record, stored_files: list[Any]) -> None:
    """Store the file of an image or document again, which storage has lost."""
    instance = record.instance
    with record.upload.path.open("rb") as stream:
        instance.file.name = instance.file.storage.save(
            instance.file.name, File(stream)
        )
    stored_files.append(instance.file)
    instance.save(update_fields=["file"])
    if hasattr(instance, "renditions"):
        instance.renditions.all().delete()  # Their files are lost too; made anew.


def _add_page(record: Record) -> None:
    page, parent = record.instance, record.parent
    if not page.can_create_at(parent):
        message = (
            f"{page._meta.label_lower} may not be created below '{parent.url_path}'."
        )
        raise ImportFailed.at(record.source.place, message)
    # Published at the end, when the pages that it refers to exist too; until
    # then it is a draft, of which Wagtail validates title and slug only.
    page.live = False
    parent.add_child(instance=page)


def _finish(record: Record, waiting: list[Given] | None) -> None:
    """Set what is left, and let editors see what the site shows.

    Args:
        record: a stored one.
        waiting: what `_create` left; None for what was stored before.
    """
    instance, is_created = record.instance, waiting is not None
    left = waiting if waiting is not None else list(record.givens.values())
    for given in left:
        _set(instance, given)
    if isinstance(instance, Site) and instance.is_default_site:
        Site.objects.exclude(pk=instance.pk).update(is_default_site=False)
    if isinstance(instance, RevisionMixin):
        revision = instance.save_revision(log_action=not is_created)
        if isinstance(instance, DraftStateMixin):
            revision.publish()
            return
    if left:
        instance.save()


def _set(instance: Any, given: Given) -> None:
    given.resolver.settle()
    given.setter.set(instance, given.native)


@contextmanager
def _located(record: Record) -> Iterator[None]:
    """Say which document a refusal belongs to."""
    try:
        yield
    except (ValidationError, DatabaseError) as error:
        texts = getattr(error, "messages", None) or [str(error).splitlines()[0]]
        message = f"{record.name} was refused: {' '.join(texts)}"
        raise ImportFailed.at(record.source.place, message) from error
