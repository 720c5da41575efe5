"""Refuse rich text that the editor of its field would not store.

Wagtail shows rich text as it is stored, so what is imported has to pass the field's own
list of features: a `<script>` or an `onclick` would run for every visitor. The names
of Wagtail's converter that this needs stand here alone; a test calls them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.rich_text import features as registry
from wagtail.whitelist import check_url

from wagtailimporter.exceptions import ImportFailed, Problem
from wagtailimporter.parse.values import Value

__all__ = ["check_rich_text", "find_forbidden"]

# What Wagtail's own features store; those of others have to survive a conversion.
_ATTRIBUTES = {
    "a": {"href", "id", "linktype"},
    "embed": {"alt", "embedtype", "format", "id", "url"},
}
_OF_ALL = {"data-block-key"}
_URLS = ("href", "src", "url")
# A browser may take for a tag what Python's parser takes for text.
_LOOSE_TAG = re.compile(r"<[a-z/!?]", re.IGNORECASE)
# Text in which every tag ends, and so does every quote in it; it matches in one pass.
_CLOSED = re.compile(
    r"""[^<>]*(?:<[^<>"']*(?:(?:"[^<>"]*"|'[^<>']*')[^<>"']*)*>[^<>]*)*"""
)
# What the rest of a page may end a tag with that the text leaves open.
_ENDS = (">", "'>", '">')


def check_rich_text(
    text: str, value: Value, editor: str, features: list[str] | None
) -> None:
    """Do nothing if a field with these features may store `text`.

    Args:
        text: the HTML as Wagtail stores it.
        value: where it stands.
        editor: the name of the editor in the settings.
        features: those of the field; None means the editor's.

    Raises:
        ImportFailed: with everything that it may not.
    """
    forbidden = find_forbidden(text, _converter(editor, _key(features)))
    if forbidden:
        raise ImportFailed(
            Problem(
                value.place,
                f"{part} is not among the features of this rich text; leave it out,"
                " or add its feature to the field.",
            )
            for part in dict.fromkeys(forbidden)
        )


def find_forbidden(html: str, converter: ContentstateConverter) -> list[str]:
    """Return the tags and attributes in `html` that the converter does not know."""
    reader = _Reader(converter, html)
    tags = reader.count
    is_closed = _CLOSED.fullmatch(html)
    if not is_closed and any(
        _Reader(converter, html + end).count > tags for end in _ENDS
    ):
        return [*reader.found, "a tag that does not end"]
    return reader.found


def _key(features: list[str] | None) -> tuple[str, ...] | None:
    return None if features is None else tuple(features)


@functools.cache
def _converter(editor: str, features: tuple[str, ...] | None) -> ContentstateConverter:
    chosen = None if features is None else list(features)
    widget = get_rich_text_editor_widget(editor, features=chosen)
    # An editor of the project's own need not be Draftail.
    names = getattr(widget, "features", None) or chosen
    return ContentstateConverter(names or registry.get_default_features())


class _Reader(HTMLParser):
    """Collects what is forbidden in `found`, and counts the tags."""

    def __init__(self, converter: ContentstateConverter, html: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self.count = 0
        self._html = html
        self._converter = converter
        self._rules = converter.html_to_contentstate_handler.element_handlers
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count += 1
        # Wagtail expands links and embeds up to the next `>`, even one in quotes: the
        # rest of the value would be HTML of its own. Editors store &gt;.
        if re.search("[<>]", (self.get_starttag_text() or "")[1:-1]):
            self.found.append(f"a '<' or '>' within <{tag}>")
        given = dict(attrs)
        if self._rules.match(tag, given) is None:
            self.found.append(f"<{tag}>")
            return
        known = _ATTRIBUTES.get(tag, set()) | _OF_ALL
        for name, value in attrs:
            is_known = name in known or (tag, name, value) in self._survivors
            is_safe = name not in _URLS or check_url(value or "") is not None
            if not (is_known and is_safe):
                self.found.append(f"'{name}' of <{tag}>")

    def handle_endtag(self, tag: str) -> None:
        self.count += 1

    def handle_data(self, data: str) -> None:
        if _LOOSE_TAG.search(data):
            self.found.append("a tag that does not end")

    def handle_comment(self, data: str) -> None:
        self.found.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append("a declaration")

    def handle_pi(self, data: str) -> None:
        self.found.append("a processing instruction")

    def unknown_decl(self, data: str) -> None:
        self.found.append("a declaration")

    @functools.cached_property
    def _survivors(self) -> set[tuple[str, str, str | None]]:
        """The attributes that are left when the editor has opened and saved it."""
        try:
            state = self._converter.from_database_format(self._html)
            stored = self._converter.to_database_format(state)
        # Wagtail's converter raises anything if tags do not end in order.
        except Exception:  # noqa: BLE001
            return set()
        return set(_attributes(stored))


def _attributes(html: str) -> Iterator[tuple[str, str, str | None]]:
    found: list[tuple[str, str, str | None]] = []

    class Collector(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            found.extend((tag, name, value) for name, value in attrs)

    Collector().feed(html)
    yield from found
