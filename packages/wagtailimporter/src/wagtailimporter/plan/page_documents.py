"""What a document says about a page: its url, type, fields and state."""

from __future__ import annotations

import uuid
from typing import Any

from django.apps import apps

from wagtailimporter.exceptions import ImportFailed, suggestion
from wagtailimporter.fields.model_fields import setters
from wagtailimporter.fields.scalars import boolean, scalar
from wagtailimporter.fields.setters import base_page_model
from wagtailimporter.parse.values import Mapping, Sequence, Value
from wagtailimporter.plan.records import State

__all__ = [
    "describe",
    "model_of",
    "page_url",
    "parent_url",
    "slug_of",
    "split",
    "uid_of",
]

# Keys that are ours, unless a page type has a field of that name.
KEYS = ("uid", "live", "children", "absent")


def parent_url(url: str) -> str:
    """Return the url of the page above."""
    return url.rstrip("/").rpartition("/")[0] + "/"


def page_url(mapping: Mapping) -> str:
    """Return the url of a document or reference, with one slash at its end.

    Raises:
        ImportFailed: it is missing or not absolute.
    """
    if "url" not in mapping.entries:
        raise ImportFailed.at(mapping.place, "'url' is missing; write url: /home/page.")
    text = scalar(mapping.entries["url"]).text
    if not text.startswith("/"):
        message = f"url '{text}' does not start with '/'."
        raise ImportFailed.at(mapping.entries["url"].place, message)
    return text.rstrip("/") + "/"


def describe(described: dict[str, Mapping], document: Mapping) -> None:
    """Note a document under its url.

    Raises:
        ImportFailed: it has none, or another document has the same.
    """
    url = page_url(document)
    place = document.entries["url"].place
    if url == "/":
        raise ImportFailed.at(
            place, "'/' is the root of the tree, which has no content."
        )
    if url in described:
        first = described[url].entries["url"].place
        message = f"'{url}' is described at {first} already; make it one document."
        raise ImportFailed.at(place, message)
    described[url] = document


def slug_of(url: str, document: Mapping) -> str:
    """Return the last part of a url, which a `slug` in the document repeats.

    Raises:
        ImportFailed: the two differ.
    """
    slug = url.rstrip("/").rpartition("/")[2]
    given = document.entries.get("slug")
    if given is not None and scalar(given).text != slug:
        message = f"the slug of '{url}' is '{slug}'; leave 'slug' out."
        raise ImportFailed.at(given.place, message)
    return slug


def split(document: Mapping, model: Any) -> tuple[Mapping, State]:
    """Return what a document says about the fields of a page, and the rest.

    Raises:
        ImportFailed: a key of ours has a value that it cannot have.
    """
    own = [name for name in KEYS if name not in setters(model)]
    given = {n: v for n, v in document.entries.items() if n in own}
    names = ("url", "type", "slug", *own)
    entries = {n: v for n, v in document.entries.items() if n not in names}
    places = {**document.places, "slug": document.places["url"]}
    state = State(
        live=boolean(given["live"]) if "live" in given else None,
        children=_slugs(given["children"]) if "children" in given else None,
        is_absent="absent" in given and boolean(given["absent"]),
        uid=uid_of(given["uid"]) if "uid" in given else None,
    )
    if state.is_absent and entries:
        name = next(iter(entries))
        message = f"'{name}' says something about a page that is to be absent."
        raise ImportFailed.at(document.places[name], message)
    return Mapping(entries, "", document.place, places), state


def uid_of(value: Value) -> uuid.UUID:
    """Return a uid, which is a UUID.

    Raises:
        ImportFailed: it is none.
    """
    text = scalar(value).text
    try:
        return uuid.UUID(text)
    except ValueError:
        message = f"'{text}' is no uid; write a UUID."
        raise ImportFailed.at(value.place, message) from None


def _slugs(value: Value) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or value.tag:
        raise ImportFailed.at(value.place, "expected a list of slugs.")
    return tuple(scalar(item, "a slug").text for item in value.items)


def model_of(document: Mapping) -> Any:
    """Return the page type that a document names.

    Raises:
        ImportFailed: there is none.
    """
    if "type" not in document.entries:
        raise ImportFailed.at(document.place, "'type' is missing; write app.pagemodel.")
    value = scalar(document.entries["type"])
    known = {
        model._meta.label_lower: model
        for model in apps.get_models()
        if issubclass(model, base_page_model())
    }
    model = known.get(value.text.lower())
    if model is None:
        message = (
            f"there is no page type '{value.text}'; {suggestion(value.text, known)}"
        )
        raise ImportFailed.at(value.place, message)
    return model
