"""The form without tags: what a mapping means, by the keys that it has.

A document with `url` is a page; one with `image` or `document` is that file; any other
with `type` is an object of that model. Within, `{page: /about}`, `{uid: ...}`,
`{image: team.jpg}` and `{document: report.pdf}` refer where a reference can stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wagtailimporter.exceptions import ImportFailed, Problems
from wagtailimporter.parse.values import Mapping, Scalar, Sequence, Value

__all__ = ["References", "read_documents"]

_FILES = {"image": "!image", "document": "!document"}


def read_documents(documents: Iterable[Value], problems: Problems) -> list[Mapping]:
    """Return documents as mappings, those of objects with the tag of their model."""
    found = []
    for document in documents:
        with problems.collected():
            if not isinstance(document, Mapping) or document.tag == "!page":
                message = "expected a document with 'url' and 'type', or a tag."
                raise ImportFailed.at(document.place, message)
            found.append(_with_tag(document))
    return found


def _with_tag(document: Mapping) -> Mapping:
    if document.tag or "url" in document.entries:
        return document
    for name, tag in _FILES.items():
        if isinstance(document.entries.get(name), Scalar):
            return _renamed(document, tag, name, "file")
    kind = document.entries.get("type")
    if not isinstance(kind, Scalar):
        return document
    entries = {n: v for n, v in document.entries.items() if n != "type"}
    return Mapping(entries, f"!{kind.text}", kind.place, document.places)


def _renamed(mapping: Mapping, tag: str, name: str, lookup: str) -> Mapping:
    """Return a mapping with a tag, one of its keys renamed."""
    entries = {lookup if n == name else n: v for n, v in mapping.entries.items()}
    places = {lookup if n == name else n: p for n, p in mapping.places.items()}
    return Mapping(entries, tag, mapping.place, places)


class References:
    """The mappings without a tag that may be references, each as one with a tag.

    Whether one is a reference is known only where it is read: the key `image` may as
    well be a member of a block.
    """

    def __init__(self, documents: Iterable[Mapping]) -> None:
        self._by_id: dict[int, Mapping] = {}
        top = {id(document) for document in documents}
        for mapping in _mappings(documents):
            if id(mapping) not in top:
                self._note(mapping)

    @property
    def mentions(self) -> list[Mapping]:
        """All of them, with tags, in document order."""
        return list(self._by_id.values())

    def get(self, mapping: Mapping) -> Mapping | None:
        """Return what a mapping without a tag means as a reference, if anything."""
        return self._by_id.get(id(mapping))

    def _note(self, mapping: Mapping) -> None:
        entries = mapping.entries
        if mapping.tag or not entries:
            return
        only = next(iter(entries)) if len(entries) == 1 else ""
        if only in ("page", "uid") and isinstance(entries[only], Scalar):
            lookup = "url" if only == "page" else "uid"
            self._by_id[id(mapping)] = _renamed(mapping, "!page", only, lookup)
            return
        for name, tag in _FILES.items():
            value = entries.get(name)
            if isinstance(value, Scalar) and value.text and not value.text.isdecimal():
                self._by_id[id(mapping)] = _renamed(mapping, tag, name, "file")
                return


def _mappings(values: Iterable[Value]) -> Iterator[Mapping]:
    """Yield every mapping, at any depth, once."""
    stack, seen = list(values)[::-1], set()
    while stack:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Mapping):
            yield value
            stack.extend(list(value.entries.values())[::-1])
        elif isinstance(value, Sequence):
            stack.extend(value.items[::-1])
