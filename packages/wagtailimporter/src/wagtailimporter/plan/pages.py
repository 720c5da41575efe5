"""Find the pages that the files describe or refer to, by their url."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps

from wagtailimporter.exceptions import ImportFailed, Problems, suggestion
from wagtailimporter.fields.scalars import scalar
from wagtailimporter.fields.setters import base_page_model
from wagtailimporter.parse.values import Mapping
from wagtailimporter.plan.records import Kind, Record

__all__ = ["Pages"]

_KIND = Kind("page", "pages")
MAX_HINTS = 20_000  # Beyond that, looking for the nearest name takes seconds.


class Pages:
    """All pages of a run: those described, their parents, those referred to.

    Args:
        documents: the mappings that describe pages.
        mentions: every mapping with a tag, searched for `!page`.
        problems: where problems of single documents go.
        keep_others: whether a stored page of another type, or an alias, stays in the
            place of the page described; else it is a problem.
    """

    def __init__(
        self,
        documents: list[Mapping],
        mentions: Iterable[Mapping],
        problems: Problems,
        keep_others: bool = False,
    ) -> None:
        self._keep_others = keep_others
        self._records: dict[str, Record] = {}
        self._all: set[str] | None = None
        self._described: dict[str, Mapping] = {}
        for document in documents:
            with problems.collected():
                _describe(self._described, document)
        self._stored = _stored_pages(_urls(self._described, mentions))
        for url, document in self._described.items():
            with problems.collected():
                self._records[url] = self._record(url, document)
        self._link(problems)

    @property
    def records(self) -> list[Record]:
        """The pages described, in document order."""
        return list(self._records.values())

    def find(self, reference: Mapping) -> Any:
        """Return the page of a `!page {url: ...}`, stored or described.

        Raises:
            ImportFailed: there is none.
        """
        for name in reference.entries.keys() - {"url"}:
            message = f"!page takes 'url' only, not '{name}'."
            raise ImportFailed.at(reference.places[name], message)
        url = page_url(reference)
        record = self._records.get(url)
        page = record.instance if record else self._stored.get(url)
        if page is None and url in self._described:
            raise ImportFailed(())  # its own problem is reported already
        if page is None:
            known = self._records.keys() | self._urls_of_all()
            message = f"there is no page '{url}'; {suggestion(url, known)}"
            raise ImportFailed.at(reference.entries["url"].place, message)
        return page

    def _urls_of_all(self) -> set[str]:
        """Return the urls of all stored pages, asked for once and only for a hint."""
        if self._all is None:
            pages = base_page_model()._base_manager.filter(depth__gt=1)
            self._all = set(pages.values_list("url_path", flat=True)[:MAX_HINTS])
        return self._all

    def _record(self, url: str, document: Mapping) -> Record:
        model, place = _page_model(document), document.entries["type"].place
        slug = _slug(url, document)
        page = self._stored.get(url)
        if page is None:
            page = model(slug=slug)
        elif self._keep_others and (type(page) is not model or page.alias_of_id):
            nothing = Mapping({}, "", document.place, {})
            return Record(_KIND, f"page {url}", nothing, page, is_kept=True)
        elif type(page) is not model:
            message = (
                f"'{url}' is a {page._meta.label_lower} already;"
                " give that type, or delete the page first."
            )
            raise ImportFailed.at(place, message)
        elif page.alias_of_id:
            message = f"'{url}' is an alias of another page; import that one."
            raise ImportFailed.at(place, message)
        return Record(_KIND, f"page {url}", _contents(document), page)

    def _link(self, problems: Problems) -> None:
        """Give each new page its parent; refuse those that have none."""
        for url, record in self._records.items():
            if not record.is_new:
                continue
            above = _parent_url(url)
            record.parent_record = self._records.get(above)
            record.parent = self._stored.get(above)
            if record.parent_record:
                record.parent = record.parent_record.instance
            elif record.parent is None and above not in self._described:
                with problems.collected():
                    message = (
                        f"parent '{above}' does not exist;"
                        " import it too or correct the url."
                    )
                    raise ImportFailed.at(record.source.place, message)


def _parent_url(url: str) -> str:
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


def _describe(described: dict[str, Mapping], document: Mapping) -> None:
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


def _slug(url: str, document: Mapping) -> str:
    slug = url.rstrip("/").rpartition("/")[2]
    given = document.entries.get("slug")
    if given is not None and scalar(given).text != slug:
        message = f"the slug of '{url}' is '{slug}'; leave 'slug' out."
        raise ImportFailed.at(given.place, message)
    return slug


def _contents(document: Mapping) -> Mapping:
    own = ("url", "type", "slug")
    entries = {n: v for n, v in document.entries.items() if n not in own}
    places = {**document.places, "slug": document.places["url"]}
    return Mapping(entries, "", document.place, places)


def _urls(described: Iterable[str], mentions: Iterable[Mapping]) -> set[str]:
    """Return all urls that the run needs, parents included."""
    wanted = set(described)
    wanted |= {_parent_url(url) for url in wanted}
    for mapping in mentions:
        if mapping.tag == "!page" and "url" in mapping.entries:
            wanted.add(getattr(mapping.entries["url"], "text", "").rstrip("/") + "/")
    return wanted


def _stored_pages(urls: set[str]) -> dict[str, Any]:
    found = base_page_model().objects.filter(url_path__in=urls).specific()
    return {page.url_path: page for page in found}


def _page_model(document: Mapping) -> Any:
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
