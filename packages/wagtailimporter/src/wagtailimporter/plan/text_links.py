"""What rich text refers to, found before it is read: a query for each kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from wagtailimporter.fields.rich_text import links_of
from wagtailimporter.fields.setters import base_page_model
from wagtailimporter.parse.values import Mapping, Scalar, Sequence, Value

__all__ = ["TextLinks"]


class TextLinks:
    """The links and embeds of all rich text in some documents.

    Attributes:
        mentions: those that name their target, as references in YAML would.
    """

    def __init__(self, documents: Iterable[Value]) -> None:
        self.mentions: list[Mapping] = []
        self._wanted: dict[str, set[str]] = defaultdict(set)
        self._stored: dict[str, set[str]] = {}
        seen: set[tuple[str, str, str]] = set()
        for value in _scalars(documents):
            for link in links_of(value):
                tag, lookup, text = link
                if lookup == "id":
                    self._wanted[tag].add(text)
                elif (tag, text, value.place.file) not in seen:
                    seen.add((tag, text, value.place.file))
                    named = Scalar(text, False, False, "", value.place)
                    self.mentions.append(Mapping({lookup: named}, tag, value.place, {}))

    def exists(self, tag: str, key: str) -> bool:
        """Return whether a page, document or image with a primary key is stored."""
        if tag not in self._stored:
            keys = [text for text in self._wanted[tag] if text.isdecimal()]
            found = _model(tag)._base_manager.filter(pk__in=keys)
            self._stored[tag] = set(map(str, found.values_list("pk", flat=True)))
        return key in self._stored[tag]


def _model(tag: str) -> Any:
    if tag == "!page":
        return base_page_model()
    return get_image_model() if tag == "!image" else get_document_model()


def _scalars(values: Iterable[Value]) -> Iterator[Scalar]:
    """Yield the scalars that may be rich text with links."""
    stack, seen = list(values), set()
    while stack:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Mapping):
            stack.extend(value.entries.values())
        elif isinstance(value, Sequence):
            stack.extend(value.items)
        elif "<a" in value.text or "<embed" in value.text:
            yield value
