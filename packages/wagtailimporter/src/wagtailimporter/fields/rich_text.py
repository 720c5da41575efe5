"""Read rich text: resolve its links, refuse what its field's editor would not store.

Wagtail shows rich text as it is stored, so what is imported has to pass the field's own
list of features: a `<script>` or an `onclick` would run for every visitor. The names
of Wagtail's converter that this needs stand here alone; a test calls them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from html import escape, unescape
from html.parser import HTMLParser
from typing import Any

from wagtail.admin.rich_text import get_rich_text_editor_widget
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.rich_text import features as registry
from wagtail.whitelist import check_url

from wagtailimporter.exceptions import ImportFailed, Problem, Problems
from wagtailimporter.fields.references import Resolver
from wagtailimporter.fields.scalars import scalar
from wagtailimporter.parse.values import Mapping, Scalar, Value

__all__ = [
    "attributes_of",
    "canonical",
    "find_forbidden",
    "links_of",
    "read_rich_text",
    "tags_of",
]

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


def read_rich_text(
    value: Value, resolver: Resolver, editor: str, features: list[str] | None
) -> str:
    """Return the HTML that a field with these features may store.

    Args:
        value: HTML as Wagtail stores it, in which `<a page="/about">`,
            `<a document="report.pdf">` and `<embed image="team.jpg">` name their targets.
        resolver: finds the targets.
        editor: the name of the editor in the settings.
        features: those of the field; None means the editor's.

    Raises:
        ImportFailed: with everything that it may not.
    """
    given = scalar(value)
    problems = Problems()

    def replace(found: re.Match[str]) -> str:
        try:
            return _resolve_link(found, given, resolver)
        except ImportFailed as error:
            problems.found.extend(error.problems)
            return ""  # The rest is checked without it.

    text = given.text
    html = _LINK.sub(replace, text) if "<a" in text or "<embed" in text else text
    forbidden = find_forbidden(html, _converter(editor, _key(features)))
    for part in dict.fromkeys(forbidden):
        message = (
            f"{part} is not among the features of this rich text; leave it out,"
            " or add its feature to the field."
        )
        problems.found.append(Problem(value.place, message))
    problems.raise_if_any()
    return html


# Links and embeds with quoted attributes; how others are written, _Reader refuses.
_LINK = re.compile(r"""<(a|embed)((?:\s+[\w-]+=(?:"[^"<>]*"|'[^'<>]*'))+)\s*(/?)>""")
_ATTRIBUTE = re.compile(r"""([\w-]+)=(?:"([^"]*)"|'([^']*)')""")
# The attribute that names a target, by tag: the kind it stands for and its tag in YAML.
_NAMED = {
    ("a", "page"): ("!page", "url"),
    ("a", "document"): ("!document", "file"),
    ("embed", "image"): ("!image", "file"),
}
_TYPE = {"a": "linktype", "embed": "embedtype"}
# What a stored link of each type cannot do without.
_NEEDED = {"page": "id", "document": "id", "image": "id", "media": "url"}


def links_of(value: Scalar) -> Iterator[tuple[str, str, str]]:
    """Yield tag, attribute and text of what rich text refers to: ids and names."""
    for found in _LINK.finditer(value.text):
        tag, given = found[1], attributes_of(found[2])
        for name in ("page", "document", "image"):
            if (tag, name) in _NAMED and name in given:
                yield _NAMED[tag, name][0], _NAMED[tag, name][1], given[name]
        kind = given.get(_TYPE[tag], "")
        if kind in _NEEDED and "id" in given:
            yield f"!{kind}", "id", given["id"]


def attributes_of(text: str) -> dict[str, str]:
    """Return the attributes of a tag, unescaped."""
    return {
        found[1]: unescape(found[2] if found[2] is not None else found[3])
        for found in _ATTRIBUTE.finditer(text)
    }


def tags_of(tag: str, given: dict[str, str], end: str) -> str:
    """Return a start tag; `end` is a slash if the tag has no content."""
    parts = "".join(f' {name}="{escape(value)}"' for name, value in given.items())
    return f"<{tag}{parts}{end}>"


def _resolve_link(found: re.Match[str], value: Scalar, resolver: Resolver) -> str:
    """Return a link or embed with the primary key of the target that it names."""
    tag, given, end = found[1], attributes_of(found[2]), found[3]
    for (known, name), (yaml_tag, lookup) in _NAMED.items():
        if known == tag and name in given:
            named = Scalar(given.pop(name), False, False, "", value.place)
            mention = Mapping({lookup: named}, yaml_tag, value.place, {})
            target = resolver.find(mention, ())
            given = {_TYPE[tag]: name, "id": str(target.pk), **given}
            return tags_of(tag, given, end)
    kind = given.get(_TYPE[tag])
    needed = _NEEDED.get(kind or "")
    if needed and needed not in given:
        message = f"<{tag} {_TYPE[tag]}=\"{kind}\"> needs '{needed}'; write it."
        raise ImportFailed.at(value.place, message)
    if needed == "id" and not resolver.exists(f"!{kind}", given["id"]):
        hint = "write page=, document= or image= with its url or file."
        message = (
            f"rich text refers to {kind} {given['id']}, which does not exist; {hint}"
        )
        raise ImportFailed.at(value.place, message)
    return found[0]


def canonical(html: str) -> str:
    """Return HTML without block keys, its attributes sorted: equal texts are equal."""

    def sort(found: re.Match[str]) -> str:
        given = attributes_of(found[2])
        given.pop("data-block-key", None)
        return tags_of(found[1], dict(sorted(given.items())), found[3])

    return _ANY_TAG.sub(sort, html)


_ANY_TAG = re.compile(r"""<(\w+)((?:\s+[\w-]+=(?:"[^"<>]*"|'[^'<>]*'))*)\s*(/?)>""")


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
