"""Write pages: all of them at once, created and changed ones alike.

Keys are allotted before anything is stored, so that pages may refer to each other in
circles; foreign keys are checked when the transaction ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import DatabaseError
from modelcluster.fields import ParentalKey
from wagtail.models import Site

from wagtailimporter.exceptions import ImportFailed
from wagtailimporter.fields.model_fields import has_own_save
from wagtailimporter.fields.setters import StreamSetter, base_page_model
from wagtailimporter.plan.records import Record
from wagtailimporter.write.history import (
    Author,
    Edition,
    finish_revisions,
    prepare_revisions,
    refresh_revisions,
)
from wagtailimporter.write.indexes import index_references, index_search
from wagtailimporter.write.internals import Model, upsert
from wagtailimporter.write.relations import (
    by_model,
    load_relations,
    write_links,
    write_rows,
)
from wagtailimporter.write.signals import (
    RefusedError,
    announce_after,
    announce_before,
    announce_published,
    announce_unpublished,
)
from wagtailimporter.write.tree import place

__all__ = ["write_pages"]


def write_pages(records: Sequence[Record], author: Author) -> None:
    """Store pages with rows, revisions, log entries and indexes.

    Args:
        records: those that change; new ones have their primary keys.
        author: of the revisions.

    Raises:
        ImportFailed: a model, a receiver or the database refused a page.
    """
    records = [record for record in records if _is_written(record)]
    if not records:
        return
    with _located(records):
        new = [record for record in records if record.is_new]
        created = {id(record.instance) for record in new}
        _refuse_places(new)
        place(new)
        pages = [record.instance for record in records]
        load_relations(pages)
        editions = [_edit(record) for record in records]
        prepare_revisions(editions, author)
        announce_before(pages)
        _store(pages, records)
        finish_revisions(editions, author)
        _save_by_own(editions)
        index_references(pages, created)
        announce_after(pages, created)
        _announce(editions)
        index_search(pages)
        Site.clear_site_root_paths_cache()


def _is_written(record: Record) -> bool:
    """Return whether a page itself changes, not only its place or its children."""
    if record.state.is_absent:
        return False
    return record.is_new or bool(record.givens or record.effects.keys() - {"children"})


def _refuse_places(records: list[Record]) -> None:
    """Ask page types that choose their places in code of their own."""
    stock = base_page_model().can_create_at.__func__
    for record in records:
        page, parent = record.instance, record.parent
        if getattr(page.can_create_at, "__func__", None) is stock:
            continue  # The plan did the same for all pages together.
        if not page.can_create_at(parent):
            label = page._meta.label_lower
            message = f"{label} may not be created below '{parent.url_path}'."
            raise ImportFailed.at(record.source.place, message)


def _edit(record: Record) -> Edition:
    """Set on the page what the file says."""
    page = record.instance
    old_title = "" if record.is_new else str(page)
    for name, given in record.read.items():
        # A stream is set even if it is equal: its choosers are resolved already.
        is_set = name in record.givens or isinstance(given.setter, StreamSetter)
        if is_set and not given.setter.needs_stored:
            given.resolver.settle()
            given.setter.set(page, given.native)
    is_draft = record.state.live is False
    return Edition(page, record.is_new, is_draft, page.live, old_title)


def _store(pages: list[Model], records: Sequence[Record]) -> None:
    """Write the rows of pages and all that hangs on them."""
    for model, group in by_model(pages).items():
        upsert(model, group)
    write_rows(pages)
    write_links(pages)
    for record in records:
        for given in record.givens.values():
            if given.setter.needs_stored:
                given.setter.set(record.instance, given.native)


def _save_by_own(editions: list[Edition]) -> None:
    """Call the `save` of models that override it, with everything stored."""
    own = [edition for edition in editions if has_own_save(type(edition.page))]
    for edition in own:
        edition.page.save()
    load_relations([edition.page for edition in own])
    refresh_revisions(own)


def _announce(editions: list[Edition]) -> None:
    """Tell receivers of publishing, and bring aliases up to date."""
    published = {e.page.pk: e for e in editions if not e.is_draft}
    for edition in editions:
        if edition.is_unpublished:
            announce_unpublished(edition.page)
    for edition in published.values():
        announce_published(edition.page, edition.revision)
    changed = [key for key, edition in published.items() if not edition.is_new]
    aliases = base_page_model()._base_manager.filter(alias_of__in=changed)
    for key in set(aliases.values_list("alias_of", flat=True)) if changed else ():
        edition = published[key]
        edition.page.update_aliases(
            revision=edition.revision, _content=edition.revision.content
        )


@contextmanager
def _located(records: Sequence[Record]) -> Iterator[None]:
    """Say which document a refusal belongs to."""
    try:
        yield
    except (RefusedError, ValidationError, DatabaseError) as error:
        cause = error.__cause__ if isinstance(error, RefusedError) else error
        instance = error.instance if isinstance(error, RefusedError) else None
        texts = getattr(cause, "messages", None) or [str(cause).splitlines()[0]]
        record = _record_of(instance, records) or _named_by(str(error), records)
        name = record.name if record else f"one of {len(records)} pages"
        place = (record or records[0]).source.place
        message = f"{name} was refused: {' '.join(texts)}"
        raise ImportFailed.at(place, message) from error


def _record_of(instance: Model, records: Sequence[Record]) -> Record | None:
    """Return the record of a page, or of the page that a row belongs to."""
    while instance is not None:
        for record in records:
            if record.instance is instance:
                return record
        keys = [f for f in instance._meta.fields if isinstance(f, ParentalKey)]
        instance = getattr(instance, keys[0].name) if keys else None
    return None


def _named_by(message: str, records: Sequence[Record]) -> Record | None:
    """Return the record of the row that a message of PostgreSQL shows."""
    by_key = {str(record.instance.pk): record for record in records}
    if found := re.search(r"Failing row contains \((\d+)", message):
        return by_key.get(found[1])
    if found := re.search(r"Key \((\w+)\)=\((.*)\) already exists", message):
        for record in records:
            if str(getattr(record.instance, found[1], None)) == found[2]:
                return record
    return None
