"""Write a plan: images, documents and other objects one by one, pages at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections, router
from wagtail.models import Collection, DraftStateMixin, RevisionMixin, Site

from wagtailimporter.exceptions import ImportFailed
from wagtailimporter.fields.setters import base_page_model
from wagtailimporter.plan.records import ACTION, Given, Record
from wagtailimporter.write.files import StoredFiles
from wagtailimporter.write.history import Author
from wagtailimporter.write.moves import rearrange
from wagtailimporter.write.pages import write_pages

__all__ = ["lock", "write"]

# Says "wagtail" in ASCII; any 64-bit number that nobody else locks would do.
ADVISORY_LOCK = 0x7761677461696C


def lock() -> None:
    """Let no other import run, and no editor write pages, until the transaction ends.

    Wagtail's move locks nothing that it reads, so a row lock would not keep a page
    from moving away while its children are written.
    """
    page_model = base_page_model()
    connection = connections[router.db_for_write(page_model)]
    if connection.vendor != "postgresql":
        return  # SQLite has one writer at a time.
    table = connection.ops.quote_name(page_model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
        cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")


def write(records: Sequence[Record], files: StoredFiles, author: Author) -> None:
    """Write everything; call it in a transaction.

    Args:
        records: in the order of creation.
        files: stores files, and deletes them if the run fails.
        author: of the revisions.

    Raises:
        ImportFailed: the database or a model refused something after all.
    """
    changed = [record for record in records if record.is_changed]
    pages = [r for r in changed if isinstance(r.instance, base_page_model())]
    others = [r for r in changed if not isinstance(r.instance, base_page_model())]
    waiting = {}
    files.announce([record for record in others if record.upload])
    for record in others:
        with _located(record):
            if record.is_new:
                waiting[id(record)] = _create(record, files)
            elif record.upload:
                _restore_file(record, files)
    write_pages(pages, author)
    for record in others:
        if not (record.is_new or record.givens or id(record) in waiting):
            continue  # Only its file was restored.
        with _located(record):
            _finish(record, waiting.get(id(record)), author)
    rearrange(pages, author.user)
    if changed:
        with _located(changed[0]):
            # Now, so that the commit cannot fail for foreign keys.
            connections[router.db_for_write(base_page_model())].check_constraints()


def _create(record: Record, files: StoredFiles) -> list[Given]:
    """Store a new object; return what could not be set yet."""
    instance, waiting = record.instance, []
    for given in record.givens.values():
        if given.setter.needs_stored or given.resolver.is_waiting:
            waiting.append(given)
        else:
            _set(instance, given)
    if record.upload:
        files.store(record)
    if isinstance(instance, Collection):
        Collection.get_first_root_node().add_child(instance=instance)
    else:
        instance.save()
    return waiting


def _restore_file(record: Record, files: StoredFiles) -> None:
    """Store the file of an image or document again, which storage has lost."""
    instance = record.instance
    files.store(record)
    instance.save(update_fields=["file"])
    if hasattr(instance, "renditions"):
        instance.renditions.all().delete()  # Their files are lost too; made anew.


def _finish(record: Record, waiting: list[Given] | None, author: Author) -> None:
    """Set what is left, and let editors see what the site shows.

    Args:
        record: a stored one.
        waiting: what `_create` left; None for what was stored before.
        author: of the revision.
    """
    instance = record.instance
    left = waiting if waiting is not None else list(record.givens.values())
    for given in left:
        _set(instance, given)
    if isinstance(instance, Site) and instance.is_default_site:
        Site.objects.exclude(pk=instance.pk).update(is_default_site=False)
    if isinstance(instance, RevisionMixin):
        revision = instance.save_revision(user=author.user, log_action=ACTION)
        if isinstance(instance, DraftStateMixin):
            revision.publish(user=author.user, skip_permission_checks=True)
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
