"""Compare what the files say with the database; nothing is written here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone
from treebeard.mp_tree import MP_Node
from wagtail.log_actions import registry
from wagtail.models import DraftStateMixin, Site

from wagtailimporter.exceptions import ImportFailed, Problem, Problems
from wagtailimporter.fields.model_fields import (
    RowsSetter,
    problems_of,
    setter_of,
    setters,
)
from wagtailimporter.fields.references import Resolver
from wagtailimporter.fields.setters import ManySetter, Setter, base_page_model
from wagtailimporter.parse.values import Mapping, Value, tagged
from wagtailimporter.plan.documents import References, read_documents
from wagtailimporter.plan.media import Media
from wagtailimporter.plan.objects import Objects
from wagtailimporter.plan.pages import Pages
from wagtailimporter.plan.records import ACTION, Given, Record, in_order
from wagtailimporter.plan.text_links import TextLinks
from wagtailimporter.plan.tree import note_order, refuse_removals
from wagtailimporter.plan.uniqueness import find_duplicates

__all__ = ["Plan", "Wishes"]

_FILE_TAGS = ("!image", "!document")
# Set by Wagtail when the object is stored, so there is nothing to validate yet.
_NODE_LATER = ("path", "depth", "numchild", "url_path")
_FILE_LATER = ("file", "width", "height")


@dataclass(frozen=True)
class Wishes:
    """What a run may do.

    Attributes:
        create_only: create what does not exist yet, and leave everything else as editors
            left it. A page without a revision, which a migration made, is filled in.
        on_conflict: what to do with a page that differs and that an editor has a draft
            of: "fail", or keep "theirs", or write "ours".
        prune: the urls below which pages are deleted that no file describes.
        prune_max: the most pages that may be deleted so.
    """

    create_only: bool = False
    on_conflict: str = "fail"
    prune: Sequence[str] = ()
    prune_max: int = 10


Snapshot = Callable[[Setter, Any], Any]


class Plan:
    """The records of a run, each with the fields that are to be changed.

    Args:
        documents: of all files, in order.
        allot: gives new pages, images and documents their primary keys.
        wishes: what the run may do.
        snapshot: returns what a field holds as data, for a report of differences.

    Raises:
        ImportFailed: with everything that is wrong.
    """

    def __init__(
        self,
        documents: list[Value],
        allot: Callable[[list[Any]], None],
        wishes: Wishes,
        snapshot: Snapshot | None = None,
    ) -> None:
        self._wishes = wishes
        self._snapshot = snapshot
        self._problems = Problems()
        self._find_all(read_documents(documents, self._problems))
        with self._problems.collected():
            self._pages.prune(wishes.prune, wishes.prune_max)
        allot([r.instance for r in self._pages.records if r.is_new])
        for kind in self._media.values():
            allot([r.instance for r in kind.all if r.is_new])
        # Images first: their titles are the alt texts of blocks.
        everything = [record for kind in self._media.values() for record in kind.all]
        others = [*self._pages.records, *self._objects.records]
        load_named([*everything, *others])
        for record in [*everything, *others]:
            self._read(record)
            self._check(record)
        media = [record for kind in self._media.values() for record in kind.records]
        self._problems.found.extend(_overcrowded(self._pages.records))
        self._problems.found.extend(find_duplicates(self._pages.records))
        self._problems.found.extend(note_order(self._pages.records))
        self._problems.found.extend(refuse_removals([*self._pages.records, *others]))
        self._problems.raise_if_any()
        objects = in_order([*media, *self._objects.records])
        self.records = [*objects, *self._pages.records]

    def _find_all(self, documents: list[Mapping]) -> None:
        """Find or make the object of every document and reference."""
        plain = [document for document in documents if not document.tag]
        self._links = TextLinks(documents)
        self._references = References(documents)
        mentions = [*tagged(documents), *self._links.mentions]
        maybe = self._references.mentions
        pages = [m for m in (*mentions, *maybe) if m.tag == "!page"]
        self._pages = Pages(plain, pages, self._problems, self._wishes.create_only)
        self._media = {
            tag: Media(
                tag,
                [m for m in mentions if m.tag == tag],
                self._problems,
                [m for m in maybe if m.tag == tag],
            )
            for tag in _FILE_TAGS
        }
        others = [m for m in mentions if m.tag not in ("!page", *_FILE_TAGS)]
        self._objects = Objects(documents, others, self._find, self._problems)
        self._objects.identify()

    def _find(self, reference: Mapping, allowed: tuple[Any, ...]) -> Any:
        if not reference.tag:
            reference = self._references.get(reference) or _lookup(reference, allowed)
        if reference.tag == "!page":
            return self._pages.find(reference)
        if reference.tag in self._media:
            return self._media[reference.tag].find(reference)
        return self._objects.find(reference)

    def _read(self, record: Record) -> None:
        """Keep the fields that differ from what is stored."""
        instance = record.instance
        for name, value in record.source.entries.items():
            record.refused.add(name)
            with self._problems.collected():
                setter = setter_of(type(instance), record.source, name)
                resolver = Resolver(self._find, self._links.exists)
                native = setter.read(value, resolver)
                record.refused.remove(name)
                given = record.read[name] = Given(setter, native, resolver)
                differs = record.is_new or setter.differs(instance, native)
                if differs or resolver.is_waiting:
                    record.givens[name] = given
                    if self._snapshot and not record.is_new:
                        given.before = self._snapshot(setter, instance)

    def _check(self, record: Record) -> None:
        if self._wishes.create_only and _is_editors(record):
            record.keep()
            return
        if self._wishes.create_only:
            _yield_default_site(record)
        with self._problems.collected():
            if record.is_new and record.parent is not None:
                _place_page(record)
            elif record.state.before is not None:
                _refuse_place(record)
        _note_live(record)
        if record.is_changed and not record.is_new and _has_draft(record.instance):
            if self._wishes.on_conflict == "theirs":
                record.keep()
            elif self._wishes.on_conflict == "fail":
                self._problems.found.append(_conflict(record))
        if record.givens or record.is_new:
            self._validate(record)

    def _validate(self, record: Record) -> None:
        """Run the model's own validation on the instance as it would be."""
        instance, exclude = record.instance, list(record.refused)
        is_page = isinstance(instance, base_page_model())
        before = dict(vars(instance))
        for name, given in record.givens.items():
            if given.resolver.has_new_targets:
                exclude.append(name)
            if not (given.resolver.is_waiting or given.setter.needs_stored):
                given.setter.set(instance, given.native)
        if is_page:
            exclude += _known_references(record)
            # The url says whether the slug is free; Wagtail asks for each page.
            instance._check_slug_is_unique = _do_nothing
        if isinstance(instance, MP_Node):
            exclude += _NODE_LATER
        if record.upload:
            exclude += _FILE_LATER
        found = problems_of(instance, record.source, exclude, is_alone=is_page)
        vars(instance).pop("_check_slug_is_unique", None)
        if isinstance(instance, Site):
            # The files decide which site is the default; the other steps back.
            found = [p for p in found if not p.message.startswith("is_default_site:")]
        self._problems.found.extend(found)
        _take_cleaned(record, before)


def _lookup(mapping: Mapping, allowed: tuple[Any, ...]) -> Mapping:
    """Return a mapping without a tag as a lookup of the model that is expected."""
    if len(allowed) != 1 or issubclass(allowed[0], base_page_model()):
        message = "expected a reference such as {page: /home}."
        raise ImportFailed.at(mapping.place, message)
    tag = f"!{allowed[0]._meta.label_lower}"
    return Mapping(mapping.entries, tag, mapping.place, mapping.places)


def _do_nothing() -> None:
    pass


def _known_references(record: Record) -> list[str]:
    """Return the foreign keys of a page whose targets need no query: they exist."""
    known = []
    for field in record.instance._meta.concrete_fields:
        if field.many_to_one or field.one_to_one:
            is_given = field.name in record.givens
            is_limited = is_given and field.get_limit_choices_to()
            if field.value_from_object(record.instance) and not is_limited:
                known.append(field.name)
    return known


def load_named(records: Iterable[Record]) -> None:
    """Load the rows, links and tags of stored objects that the files name."""
    groups: dict[tuple[Any, str], list[Any]] = defaultdict(list)
    for record in records:
        model: Any = type(record.instance)
        for name in () if record.is_new else record.source.entries:
            setter = setters(model).get(name)
            if isinstance(setter, (RowsSetter, ManySetter)):
                groups[model, name].append(record.instance)
    for (_, name), instances in groups.items():
        prefetch_related_objects(instances, name)


def _take_cleaned(record: Record, before: dict[str, Any]) -> None:
    """Take plain values as the model's `clean` leaves them, lower-cased for example.

    What it turned back to the stored value is no change.
    """
    cleaned = vars(record.instance)
    for name, given in list(record.givens.items()):
        if not given.setter.is_plain:
            continue
        given.native = cleaned[name]
        if not record.is_new and given.native == before.get(name, given):
            del record.givens[name]


def _is_editors(record: Record) -> bool:
    """Return whether an object is there already, and not as a mere placeholder.

    A page without any revision was made by a migration, as that of `wagtail start`
    makes the home page: neither an editor nor this package ever saved it.
    """
    instance = record.instance
    is_page = isinstance(instance, base_page_model())
    return not record.is_new and not (is_page and instance.latest_revision_id is None)


def _yield_default_site(record: Record) -> None:
    """Let a new site not take the place of the default one that editors chose."""
    given = record.givens.get("is_default_site")
    if isinstance(record.instance, Site) and given is not None and given.native:
        given.native = not Site.objects.filter(is_default_site=True).exists()


def _place_page(record: Record) -> None:
    """Give a new page its parent's locale; refuse a parent that takes no such page."""
    record.instance.locale_id = _locale_id(record)
    _refuse_place(record)


def _refuse_place(record: Record) -> None:
    page, parent = record.instance, record.parent
    if not (page.is_creatable and page.can_exist_under(parent)):
        message = (
            f"a {page._meta.label_lower} may not be created below a"
            f" {parent._meta.label_lower}; see parent_page_types and subpage_types."
        )
        raise ImportFailed.at(record.source.place, message)


def _locale_id(record: Record) -> int | None:
    above = record.parent_record
    if above is not None and above.is_new and above.parent is not None:
        return _locale_id(above)
    locale_id: int | None = getattr(record.parent, "locale_id", None)
    return locale_id


def _overcrowded(pages: list[Record]) -> list[Problem]:
    """Return a problem for each new page beyond the `max_count` of its type."""
    found = []
    planned: Counter[object] = Counter()
    for record in pages:
        model, parent = type(record.instance), record.parent
        if parent is None or not record.is_new:
            continue
        limits: list[tuple[int | None, object, Any]] = [
            (model.max_count, model, model._default_manager)
        ]
        if model.max_count_per_parent is not None:
            siblings = parent.get_children().type(model)
            limits.append((model.max_count_per_parent, (model, id(parent)), siblings))
        for limit, key, stored in limits:
            planned[key] += 1
            if limit is not None and planned[key] + stored.count() > limit:
                message = (
                    f"there are {limit} pages of type {model._meta.label_lower}"
                    " already, which is all that its max_count allows."
                )
                found.append(Problem(record.source.place, message))
    return found


def _note_live(record: Record) -> None:
    """Note whether a stored page is to be published or unpublished."""
    page, wanted = record.instance, record.state.live
    if wanted is None or record.is_new or page.live == wanted:
        return
    go_live_at = record.givens.get("go_live_at")
    later = go_live_at.native if go_live_at else page.go_live_at
    if not (wanted and later and later > timezone.now()):
        record.effects["live"] = (page.live, wanted)


def _has_draft(instance: Any) -> bool:
    """Return whether an editor has changes that are not published."""
    is_draft = isinstance(instance, DraftStateMixin)
    return is_draft and instance.has_unpublished_changes and not _is_ours(instance)


def _conflict(record: Record) -> Problem:
    message = (
        f"{record.name} has unpublished changes by an editor; publish or discard"
        " them, or pass --on-conflict theirs or ours."
    )
    return Problem(record.source.place, message)


def _is_ours(instance: Any) -> bool:
    """Return whether an import made the latest revision: a draft or a schedule."""
    log = registry.get_log_model_for_instance(instance)
    return (
        log is not None
        and log.objects.filter(
            action=ACTION, revision=instance.latest_revision_id
        ).exists()
    )
