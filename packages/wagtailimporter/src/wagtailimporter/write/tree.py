"""Places in the page tree: paths computed for all new pages at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from django.db.models import F, Max
from django.db.models.functions import Left, Length

from wagtailimporter.fields.setters import base_page_model
from wagtailimporter.plan.records import Record
from wagtailimporter.write.internals import child_path, step_of

__all__ = ["place"]

MAX_PATH = 255  # what Wagtail's column holds: 63 levels of 4 characters


def place(records: list[Record]) -> None:
    """Put new pages behind the last child of their parents, parents first.

    Path, depth, url_path and the parents' numchild are set as treebeard would; the
    parents that are stored already are updated.
    """
    page_model = base_page_model()
    ordered = _parents_first(records)
    stored = {r.parent.pk: r.parent for r in ordered if not r.parent._state.adding}
    last = _last_steps(list(stored.values()))
    added: Counter[Any] = Counter()
    for record in ordered:
        page, parent = record.instance, record.parent
        step = last[parent.path] = last.get(parent.path, 0) + 1
        page.path = child_path(parent, step)
        page.depth = parent.depth + 1
        page.numchild = 0
        page.set_url_path(parent)
        page.draft_title = page.title
        page._cached_parent_obj = parent
        parent.numchild += 1
        added[parent.pk] += 1
    by_count = defaultdict(list)
    for key in stored:
        by_count[added[key]].append(key)
    for count, keys in by_count.items():
        numchild = F("numchild") + count
        page_model._base_manager.filter(pk__in=keys).update(numchild=numchild)


def _parents_first(records: list[Record]) -> list[Record]:
    """Return new records by depth; siblings stay in document order."""

    def level(record: Record) -> int:
        above = record.parent_record
        return 0 if above is None or not above.is_new else 1 + level(above)

    return sorted(records, key=level)


def _last_steps(parents: list[Any]) -> dict[str, int]:
    """Return the position of the last child of each parent that has one."""
    page_model = base_page_model()
    if not parents:
        return {}
    above = Left("path", Length("path") - page_model.steplen)
    found = (
        page_model._base_manager.annotate(above=above)
        .filter(above__in=[parent.path for parent in parents])
        .order_by()
        .values_list("above")
        .annotate(last=Max("path"))
    )
    return {path: step_of(page_model, last) for path, last in found}
