"""How an object is named in a file: a page by url, a file by name, others by a field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

from django.db import models
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from wagtailimporter.fields.rich_text import attributes_of, tags_of
from wagtailimporter.fields.setters import base_page_model
from wagtailimporter.plan.objects import unique_names
from wagtailimporter.plan.records import Record

__all__ = ["Names"]

Model = Any  # An instance of any Django model.


class Names:
    """Names objects, and remembers which ones were named.

    Attributes:
        files: the images and documents named, by kind and name.
        objects: all other objects named.
    """

    def __init__(self) -> None:
        self.files: dict[tuple[str, str], Model] = {}
        self.objects: dict[tuple[type, Any], Model] = {}
        self._new: dict[tuple[Any, Any], str] = {}
        self._tables: dict[type, dict[Any, Any]] = {}

    def note_records(self, records: Iterable[Record]) -> None:
        """Know the pages and files that are still to be stored, too."""
        for record in records:
            item = record.instance
            if isinstance(item, base_page_model()):
                self._new[base_page_model(), item.pk] = record.name.split(" ", 1)[1]
            elif record.upload and record.is_new:
                self._new[type(item), item.pk] = record.upload.path.name

    def name(self, model: Any, key: Any) -> Any:
        """Return a reference to an object, or its key if it has no other name."""
        if issubclass(model, base_page_model()):
            return {"page": self.page_url(key)}
        for kind, files in _FILES.items():
            if issubclass(model, files()):
                return {kind: self.file_name(kind, key)}
        return self._by_field(model, key)

    def page_url(self, key: Any) -> str:
        """Return the url of a page, as files say it."""
        if (base_page_model(), int(key)) in self._new:
            return self._new[base_page_model(), int(key)].rstrip("/")
        table = self._table(
            base_page_model(),
            lambda model: model._base_manager.values_list("pk", "url_path"),
        )
        return str(table[int(key)]).rstrip("/") or "/"

    def file_name(self, kind: str, key: Any) -> str:
        """Return the name of an image or document below the folder of its kind."""
        if (_FILES[kind](), int(key)) in self._new:
            return self._new[_FILES[kind](), int(key)]
        item = self._table(_FILES[kind](), _all_by_key)[int(key)]
        name = file_name(item)
        self.files[kind, name] = item
        return name

    def rich_text(self, html: str) -> str:
        """Return HTML whose links name their targets, without the editor's keys."""

        def rename(found: re.Match[str]) -> str:
            tag, given = found[1], attributes_of(found[2])
            given.pop("data-block-key", None)
            kind = given.get("linktype") or given.get("embedtype") or ""
            if (
                kind in ("page", "document", "image")
                and given.get("id", "").isdecimal()
            ):
                named = self._link(kind, given.pop("id"))
                if named:
                    given.pop("linktype" if tag == "a" else "embedtype")
                    given = {kind: named, **given}
            return tags_of(tag, given, found[3])

        return _ANY_TAG.sub(rename, html)

    def _link(self, kind: str, key: str) -> str:
        try:
            return self.page_url(key) if kind == "page" else self.file_name(kind, key)
        except KeyError:  # Wagtail keeps links to what was deleted.
            return ""

    def _by_field(self, model: Any, key: Any) -> Any:
        item = self._table(model, _all_by_key).get(key)
        if item is None:
            return key
        for names in unique_names(model):
            values = {name: getattr(item, name) for name in names}
            if all(isinstance(v, (str, int)) and v != "" for v in values.values()):
                self.objects[model, key] = item
                return values
        return key

    def _table(self, model: Any, rows: Callable[[Any], Any]) -> dict[Any, Any]:
        """Return all rows of a model by key: one query, however many are named."""
        if model not in self._tables:
            self._tables[model] = dict(rows(model))
        return self._tables[model]


_ANY_TAG = re.compile(r"""<(\w+)((?:\s+[\w-]+=(?:"[^"<>]*"|'[^'<>]*'))+)\s*(/?)>""")
_FILES: dict[str, Callable[[], Any]] = {
    "image": get_image_model,
    "document": get_document_model,
}


def file_name(item: models.Model) -> str:
    """Return the name of a stored file below the folder that its model stores in."""
    file = item.file  # type: ignore[attr-defined]
    folder = PurePosixPath(file.field.generate_filename(item, "x")).parent
    path = PurePosixPath(file.name)
    is_below = path.is_relative_to(folder)
    return str(path.relative_to(folder)) if is_below else str(path)


def _all_by_key(model: Any) -> Any:
    return ((item.pk, item) for item in model._base_manager.all())
