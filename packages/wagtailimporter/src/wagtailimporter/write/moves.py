"""Moves, new slugs, the order of children and deletions, by Wagtail's own methods.

They come last, when every page is stored: a page may move below one that is new.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from wagtail.models import Site
from wagtail.signals import page_slug_changed

from wagtailimporter.fields.setters import base_page_model
from wagtailimporter.plan.records import Record
from wagtailimporter.write.internals import BATCH

__all__ = ["rearrange"]


def rearrange(records: Sequence[Record], user: Any) -> None:
    """Put stored pages where the files say, and delete those that are to be absent."""
    moved = [record for record in records if record.state.before is not None]
    for record in moved:
        _move(record, user)
    for record in moved:
        _correct_urls(record.instance.pk)
        if record.instance.slug != record.state.before.slug:
            transaction.on_commit(functools.partial(_announce_slug, record))
    for record in records:
        if "children" in record.effects:
            _reorder(record.instance.pk, record.effects["children"][1], user)
    absent = [record.instance.pk for record in records if record.state.is_absent]
    for key in absent:
        # Deepest first is not needed: what is below is absent too.
        page = base_page_model().objects.filter(pk=key).first()
        if page is not None:
            page.specific.delete(user=user)
    if moved or absent:
        Site.clear_site_root_paths_cache()


def _move(record: Record, user: Any) -> None:
    """Move a page below its new parent, unless it is there."""
    pages = base_page_model().objects
    page, parent = pages.get(pk=record.instance.pk), pages.get(pk=record.parent.pk)
    if page.get_parent().pk != parent.pk:
        page.specific.move(parent, pos="last-child", user=user)


def _correct_urls(key: Any) -> None:
    """Set the url_path of a page and all below it from their slugs."""
    model = base_page_model()
    top = model._base_manager.get(pk=key)
    parent = top.get_parent()
    urls = {parent.path: parent.url_path}
    changed = []
    for page in model._base_manager.filter(path__startswith=top.path).order_by("path"):
        above = urls[page.path[: -model.steplen]]
        urls[page.path] = url = f"{above}{page.slug}/"
        if page.url_path != url:
            page.url_path = url
            changed.append(page)
    model._base_manager.bulk_update(changed, ["url_path"], batch_size=BATCH)


def _announce_slug(record: Record) -> None:
    page = base_page_model().objects.get(pk=record.instance.pk).specific
    page_slug_changed.send(
        sender=type(page), instance=page, instance_before=record.state.before
    )


def _reorder(key: Any, slugs: Sequence[str], user: Any) -> None:
    """Move children until they stand in the order of `slugs`."""
    model = base_page_model()
    previous: Any = None
    for slug in slugs:
        parent = model.objects.get(pk=key)
        page = parent.get_children().get(slug=slug)
        target: Any = parent.get_first_child()
        place = "left"
        if previous is not None:
            target, place = model.objects.get(pk=previous), "right"
        at_place = target if place == "left" else target.get_next_sibling()
        if at_place is None or at_place.pk != page.pk:
            page.specific.move(target, pos=place, user=user)
        previous = page.pk
