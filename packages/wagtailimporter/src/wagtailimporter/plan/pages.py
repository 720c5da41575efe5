"""Find the pages that the files describe or refer to, by uid or url."""

from __future__ import annotations

import copy
import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from wagtailimporter.exceptions import ImportFailed, Problems, suggestion
from wagtailimporter.fields.setters import base_page_model
from wagtailimporter.parse.values import Mapping, Place, Scalar
from wagtailimporter.plan.page_documents import (
    describe,
    model_of,
    page_url,
    parent_url,
    slug_of,
    split,
    uid_of,
)
from wagtailimporter.plan.records import Kind, Record, State

__all__ = ["Pages"]

_KIND = Kind("page", "pages")
PRUNE = "--prune"  # where the problems of what it asks for stand
MAX_HINTS = 20_000  # Beyond that, looking for the nearest name takes seconds.


class Pages:
    """All pages of a run: those described, their parents, those referred to.

    Args:
        documents: the mappings that describe pages.
        mentions: every reference to a page.
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
        self._parts: dict[str, tuple[Mapping, State]] = {}
        for document in documents:
            with problems.collected():
                describe(self._described, document)
        for url, document in self._described.items():
            with problems.collected():
                self._parts[url] = split(document, model_of(document))
        mentions = list(mentions)
        self._load_by_uid(mentions)
        self._load(mentions)
        for url in self._parts:
            with problems.collected():
                self._records[url] = self._record(url)
        for url, record in self._records.items():
            with problems.collected():
                self._link(url, record)

    @property
    def records(self) -> list[Record]:
        """The pages described, in document order; what is absent already is none."""
        return [
            record
            for record in self._records.values()
            if not (record.is_new and record.state.is_absent)
        ]

    def find(self, reference: Mapping) -> Any:
        """Return the page of a `{page: url}` or `{uid: ...}`, stored or described.

        Raises:
            ImportFailed: there is none.
        """
        for name in reference.entries.keys() - {"url", "uid"}:
            message = f"!page takes 'url' or 'uid' only, not '{name}'."
            raise ImportFailed.at(reference.places[name], message)
        if "uid" in reference.entries:
            return self._find_by_uid(reference)
        url = page_url(reference)
        record = self._records.get(url)
        if record and record.state.is_absent:
            place = reference.entries["url"].place
            raise ImportFailed.at(place, f"page '{url}' is to be absent.")
        page = record.instance if record else self._stored.get(url)
        if page is None and url in self._described:
            raise ImportFailed(())  # its own problem is reported already
        if page is None:
            known = self._records.keys() | self._urls_of_all()
            message = f"there is no page '{url}'; {suggestion(url, known)}"
            raise ImportFailed.at(reference.entries["url"].place, message)
        return page

    def prune(self, roots: Iterable[str], most: int) -> None:
        """Describe the pages below `roots` that no file describes as absent.

        Raises:
            ImportFailed: there are more than `most`, or no such root.
        """
        known = {record.instance.pk for record in self._records.values()}
        found: dict[str, Any] = {}
        for root in roots:
            url = root.rstrip("/") + "/"
            top = base_page_model().objects.filter(url_path=url).first()
            if top is None:
                hint = suggestion(url, self._urls_of_all())
                option, message = f"{PRUNE} {root}", f"there is no such page; {hint}"
                raise ImportFailed.at(option, message)
            below = top.get_descendants().exclude(pk__in=known).specific()
            found |= {page.url_path: page for page in below}
        if len(found) > most:
            message = (
                f"{len(found)} pages would be deleted, more than --prune-max {most}:"
                f" {', '.join(list(found)[:5])} ..."
            )
            raise ImportFailed.at(PRUNE, message)
        for url, page in found.items():
            place = Place(PRUNE, 1, 1)
            record = Record(_KIND, f"page {url}", Mapping({}, "", place, {}), page)
            record.state = State(is_absent=True)
            record.effects["absent"] = (False, True)
            self._records[url] = record

    def _find_by_uid(self, reference: Mapping) -> Any:
        wanted = uid_of(reference.entries["uid"])
        for record in self._records.values():
            if wanted in (record.state.uid, record.instance.translation_key):
                return record.instance
        if self._by_uid.get(wanted):
            return self._by_uid[wanted][0]
        message = f"there is no page with uid '{wanted}'; import it too."
        raise ImportFailed.at(reference.entries["uid"].place, message)

    def _urls_of_all(self) -> set[str]:
        """Return the urls of all stored pages, asked for once and only for a hint."""
        if self._all is None:
            pages = base_page_model()._base_manager.filter(depth__gt=1)
            self._all = set(pages.values_list("url_path", flat=True)[:MAX_HINTS])
        return self._all

    def _load_by_uid(self, mentions: list[Mapping]) -> None:
        """Load the pages that uids name, and note the urls of those that move."""
        wanted = {state.uid for _, state in self._parts.values() if state.uid}
        for mention in mentions:
            value = mention.entries.get("uid")
            if isinstance(value, Scalar) and not value.tag:
                with Problems().collected():  # as whoever reads it reports it
                    wanted.add(uid_of(value))
        self._by_uid: dict[uuid.UUID, list[Any]] = defaultdict(list)
        if wanted:
            found = base_page_model().objects.filter(translation_key__in=wanted)
            for page in found.specific():
                self._by_uid[page.translation_key].append(page)
        self._claimed: dict[str, Any] = {}
        for url, (_, state) in self._parts.items():
            pages = self._by_uid.get(state.uid, []) if state.uid else []
            # Translations share the key: without a url that fits, take the only one.
            fitting = [page for page in pages if page.url_path == url]
            if fitting or len(pages) == 1:
                self._claimed[url] = (fitting or pages)[0]

    def _old(self, url: str) -> str:
        """Return where a page is stored that, or whose ancestor, gets another url."""
        if url in self._claimed:
            return str(self._claimed[url].url_path)
        if url == "/":
            return url
        above = parent_url(url)
        return self._old(above) + url[len(above) :]

    def _load(self, mentions: list[Mapping]) -> None:
        """Load all pages that the run needs by url, parents included."""
        wanted = set(self._described)
        wanted |= {parent_url(url) for url in wanted}
        for mention in mentions:
            if "url" in mention.entries:
                text = getattr(mention.entries["url"], "text", "")
                if text.startswith("/"):
                    wanted.add(text.rstrip("/") + "/")
        paths = {self._old(url) for url in wanted} | {self._place(u) for u in wanted}
        missing = paths - {page.url_path for page in self._claimed.values()}
        found = base_page_model().objects.filter(url_path__in=missing).specific()
        self._by_path = {page.url_path: page for page in found}
        claimed = {page.pk for page in self._claimed.values()}
        self._stored = {
            url: self._by_path[self._old(url)]
            for url in wanted
            if self._old(url) in self._by_path
            and self._by_path[self._old(url)].pk not in claimed
        }
        self._stored.update(self._claimed)

    def _place(self, url: str) -> str:
        """Return the url that now leads to the place that a page is to have."""
        if url == "/":
            return url
        above = parent_url(url)
        return self._old(above) + url[len(above) :]

    def _record(self, url: str) -> Record:
        document, (source, state) = self._described[url], self._parts[url]
        model, place = model_of(document), document.entries["type"].place
        slug = slug_of(url, document)
        page = self._stored.get(url)
        name = f"page {url}"
        if page is None and state.is_absent:
            return Record(_KIND, name, source, model(slug=slug), state=state)
        if page is None:
            page = model(slug=slug)
            page.translation_key = state.uid or page.translation_key
        elif self._keep_others and (type(page) is not model or page.alias_of_id):
            nothing = Mapping({}, "", document.place, {})
            return Record(_KIND, name, nothing, page, is_kept=True)
        elif type(page) is not model:
            message = (
                f"'{url}' is a {page._meta.label_lower} already;"
                " give that type, or delete the page first."
            )
            raise ImportFailed.at(place, message)
        elif page.alias_of_id:
            message = f"'{url}' is an alias of another page; import that one."
            raise ImportFailed.at(place, message)
        record = Record(_KIND, name, source, page, state=state)
        if not record.is_new:
            self._note_changes(url, slug, record)
        return record

    def _note_changes(self, url: str, slug: str, record: Record) -> None:
        """Note what becomes of a stored page beside its fields."""
        page, state = record.instance, record.state
        if state.is_absent:
            record.effects["absent"] = (False, True)
            return
        if state.uid and page.translation_key != state.uid:
            record.effects["uid"] = (str(page.translation_key), str(state.uid))
            page.translation_key = state.uid
        is_moved = parent_url(page.url_path) != self._old(parent_url(url))
        if page.slug == slug and not is_moved:
            return
        other = self._by_path.get(self._place(url))
        if other is not None and other.pk != page.pk:
            place = self._described[url].entries["url"].place
            message = f"'{url}' is another page already; delete or rename that one."
            raise ImportFailed.at(place, message)
        state.before = copy.copy(page)
        record.effects["url"] = (page.url_path, url)
        page.slug = slug

    def _link(self, url: str, record: Record) -> None:
        """Give a page its parent; refuse one that has none."""
        above = parent_url(url)
        record.parent_record = self._records.get(above)
        record.parent = self._stored.get(above)
        if record.parent_record:
            record.parent = record.parent_record.instance
        if record.parent is None and above not in self._described and record.is_new:
            message = (
                f"parent '{above}' does not exist; import it too or correct the url."
            )
            raise ImportFailed.at(record.source.place, message)
