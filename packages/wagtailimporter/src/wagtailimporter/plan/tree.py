"""What becomes of the page tree: the order of children, and pages that go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from wagtail.models import Site

from wagtailimporter.exceptions import Problem, suggestion
from wagtailimporter.plan.records import Record

__all__ = ["note_order", "refuse_removals"]


def note_order(records: Sequence[Record]) -> list[Problem]:
    """Note which pages get their children in another order; return what is wrong."""
    problems: list[Problem] = []
    for record in records:
        wanted = record.state.children
        if wanted is None or record.is_kept:
            continue
        present = _children(record, records)
        unknown = [slug for slug in wanted if slug not in present]
        for slug in unknown:
            message = (
                f"{record.name} has no child '{slug}'; {suggestion(slug, present)}"
            )
            place = record.source.places["children"]
            problems.append(Problem(place, message))
        order = [*wanted, *(slug for slug in present if slug not in wanted)]
        if not unknown and order != present:
            record.effects["children"] = (present, order)
    return problems


def _children(parent: Record, records: Sequence[Record]) -> list[str]:
    """Return the slugs of the children that a page will have."""
    page = parent.instance
    slugs = (
        {}
        if parent.is_new
        else dict(page.get_children().order_by("path").values_list("pk", "slug"))
    )
    for record in records:
        key = record.instance.pk
        is_below = record.parent is page and not record.state.is_absent
        if is_below:
            slugs[key] = record.instance.slug
        else:
            slugs.pop(key, None)
    return list(slugs.values())


def refuse_removals(records: Sequence[Record]) -> list[Problem]:
    """Return why pages may not be deleted: others are below, or a site begins there."""
    absent = [record for record in records if record.state.is_absent]
    if not absent:
        return []
    gone = {record.instance.pk for record in absent}
    moved = {r.instance.pk for r in records if r.state.before is not None}
    problems = []
    for record in absent:
        page = record.instance
        below = page.get_descendants().exclude(pk__in=gone | moved).first()
        if below is not None:
            message = (
                f"'{below.url_path}' is below {record.name}; describe it as absent too."
            )
            problems.append(Problem(record.source.place, message))
    problems += _lost_roots(records, absent, gone)
    return problems


def _lost_roots(
    records: Iterable[Record], absent: list[Record], gone: set[Any]
) -> list[Problem]:
    leaving = {
        r.instance.pk
        for r in records
        if isinstance(r.instance, Site) and "root_page" in r.givens
    }
    sites = Site.objects.filter(root_page__in=gone).exclude(pk__in=leaving)
    by_key = {record.instance.pk: record for record in absent}
    return [
        Problem(
            by_key[site.root_page_id].source.place,
            f"site '{site.hostname}' begins at {by_key[site.root_page_id].name};"
            " give it another root_page.",
        )
        for site in sites
    ]
