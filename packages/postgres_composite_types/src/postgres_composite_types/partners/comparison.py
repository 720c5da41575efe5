"""Two revisions of a page side by side in Wagtail: item by item, member by member."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.utils.formats import localize
from django.utils.html import format_html_join
from django.utils.text import capfirst
from wagtail.admin.compare import FieldComparison, TextDiff

from postgres_composite_types.column.fields import CompositeTypeField
from postgres_composite_types.values.conversion import to_plain

__all__ = ["ArrayComparison", "CompositeComparison"]

Change = tuple[str, str]  # Wagtail's kind, and a text.


class CompositeComparison(FieldComparison):  # type: ignore[misc]  # without types
    """Shows each member of a value: kept, or its former and its new text."""

    def htmldiff(self) -> str:
        """Return the members in declared order, with Wagtail's marks of a change."""
        return _html(_changes(self.field, self.val_a, self.val_b))


class ArrayComparison(FieldComparison):  # type: ignore[misc]  # without types
    """Shows each item of a list on a line of its own."""

    def htmldiff(self) -> str:
        """Return the items in order; one that changed, member by member."""
        field = self.field.base_field
        before, after = self.val_a or [], self.val_b or []
        lines = (
            _html(_changes(field, was, became))
            for was, became in _pairs(field, before, after)
        )
        html: str = format_html_join("", "<div>{}</div>", ((line,) for line in lines))
        return html


def _html(changes: Iterator[Change]) -> str:
    html: str = TextDiff(list(changes), separator=", ").to_html()
    return html


def _pairs(field: Any, before: list[Any], after: list[Any]) -> Iterator[Any]:
    """Yield each item before and after; None if it was added or removed."""
    was, became = (
        [json.dumps(to_plain(field, item)) for item in items]
        for items in (before, after)
    )
    matcher = SequenceMatcher(None, was, became, autojunk=False)
    for _, a, b, c, d in matcher.get_opcodes():
        yield from zip_longest(before[a:b], after[c:d])


def _changes(field: Any, before: Any, after: Any, path: str = "") -> Iterator[Change]:
    if isinstance(field, CompositeTypeField):
        for member in field.composite._meta.fields:
            was, became = (
                None if value is None else getattr(value, member.name)
                for value in (before, after)
            )
            name = f"{path} {member.verbose_name}".strip()
            yield from _changes(member, was, became, name)
        return
    texts = [_text(field, value) for value in (before, after)]
    kinds = ["equal"] if texts[0] == texts[1] else ["deletion", "addition"]
    for kind, text in zip(kinds, texts, strict=False):
        if text:
            yield kind, f"{capfirst(path)}: {text}" if path else text


def _text(field: Any, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(field, ArrayField):
        return json.dumps(to_plain(field, value), ensure_ascii=False)
    return str(dict(field.flatchoices).get(value, localize(value)))
