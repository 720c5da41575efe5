"""Pages, and the files and objects that they refer to, as documents."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db.models import prefetch_related_objects
from wagtail.models import Site

from wagtailimporter.exceptions import ImporterError, suggestion
from wagtailimporter.export.emitter import dump_documents
from wagtailimporter.export.references import Names
from wagtailimporter.export.values import fields_of
from wagtailimporter.fields.model_fields import RowsSetter, setters
from wagtailimporter.fields.setters import ManySetter, base_page_model
from wagtailimporter.plan.permitted import is_permitted

__all__ = ["ExportError", "export_pages"]

Document = dict[str, Any]


class ExportError(ImporterError):
    """What was asked for cannot be exported."""


def export_pages(root: str = "/", *, media: Path | None = None) -> str:
    """Return the pages at and below a url as YAML, and what they refer to.

    Aliases follow their originals and are left out, as are comments and the history.

    Args:
        root: the url of the topmost page; `/` is the whole site, with its sites.
        media: a folder that gets the files of images and documents.

    Raises:
        ExportError: there is no such page.
    """
    names = Names()
    pages = _pages(root)
    found = [_page(page, names) for page in pages]
    if root == "/":
        found += [_object(site, names) for site in Site.objects.order_by("pk")]
    found = [*_others(names), *found]
    if media is not None:
        _copy_files(names, media)
    return dump_documents(found)


def _pages(root: str) -> list[Any]:
    """Return pages in tree order, with their rows and links."""
    model = base_page_model()
    url = root.rstrip("/") + "/"
    top = model.objects.filter(url_path=url).first()
    if top is None:
        known = [
            u.rstrip("/") for u in model.objects.values_list("url_path", flat=True)
        ]
        message = f"there is no page '{root}'; {suggestion(root, known)}"
        raise ExportError(message)
    below = top.get_descendants(inclusive=True).filter(depth__gt=1, alias_of=None)
    pages = list(below.order_by("path").specific())
    groups: dict[Any, list[Any]] = {}
    for page in pages:
        groups.setdefault(type(page), []).append(page)
    for page_type, group in groups.items():
        relations = [
            name
            for name, setter in setters(page_type).items()
            if isinstance(setter, (RowsSetter, ManySetter))
        ]
        prefetch_related_objects(group, *relations)
    return pages


def _page(page: Any, names: Names) -> Document:
    is_draft = not page.live and not page.approved_schedule
    shown = page.get_latest_revision_as_object() if not page.live else page
    return {
        "url": page.url_path.rstrip("/"),
        "type": page._meta.label_lower,
        "uid": str(page.translation_key),
        **({"live": False} if is_draft else {}),
        **fields_of(shown, names),
    }


def _others(names: Names) -> Iterator[Document]:
    """Yield the files and objects named, and those that they name in turn."""
    files: dict[tuple[str, str], Document] = {}
    objects: dict[tuple[type, Any], Document] = {}
    while names.files.keys() - files.keys() or names.objects.keys() - objects.keys():
        for key in names.files.keys() - files.keys():
            files[key] = {key[0]: key[1], **fields_of(names.files[key], names)}
        for found in names.objects.keys() - objects.keys():
            objects[found] = _object(names.objects[found], names)
    yield from (files[key] for key in sorted(files))
    documents = [d for (model, _), d in objects.items() if _is_described(model)]
    yield from sorted(documents, key=str)


def _is_described(model: Any) -> bool:
    return is_permitted(model) and model is not Site


def _object(item: Any, names: Names) -> Document:
    return {"type": item._meta.label_lower, **fields_of(item, names)}


def _copy_files(names: Names, folder: Path) -> None:
    for (_, name), item in names.files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with item.file.open("rb") as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy)
