"""Find sites, settings and objects of any model, by their unique fields."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import models
from treebeard.mp_tree import MP_Node
from wagtail.contrib.settings.models import BaseGenericSetting
from wagtail.models import Collection, Site

from wagtailimporter.exceptions import ImportFailed, Problems, suggestion
from wagtailimporter.fields.model_fields import setter_of
from wagtailimporter.fields.references import Resolver
from wagtailimporter.fields.setters import base_page_model
from wagtailimporter.parse.values import Mapping, Scalar
from wagtailimporter.plan.permitted import SETTING, is_permitted
from wagtailimporter.plan.records import Kind, Record
from wagtailimporter.plan.uniqueness import unique_sets

__all__ = ["Objects", "unique_names"]

Lookup = dict[str, Any]


class Objects:
    """All objects of a run that are neither pages nor files.

    A mapping describes an object where it is a document of its own or says more
    than the unique fields that the object is found by; else it only refers to one.

    Args:
        documents: the documents of the run.
        mentions: every mapping with the tag of a model, nested ones included.
        find: resolves a reference of any kind.
        problems: where problems of single objects go.
    """

    def __init__(
        self,
        documents: list[Mapping],
        mentions: Iterable[Mapping],
        find: Callable[[Mapping, tuple[Any, ...]], Any],
        problems: Problems,
    ) -> None:
        self._find = find
        self._problems = problems
        self._pending: dict[Any, list[Mapping]] = defaultdict(list)
        self._records: dict[Any, list[Record]] = defaultdict(list)
        self._by_mention: dict[int, Record | None] = {}
        self._wanted: dict[tuple[Any, str], list[Mapping]] = defaultdict(list)
        self._looked_up: dict[tuple[Any, ...], Any] = {}
        self._fetched: dict[tuple[Any, str], dict[Any, Any]] = {}
        top = {id(document) for document in documents}
        for mention in mentions:
            # Elsewhere a tag without a model is whoever reads it to judge.
            unread = problems if id(mention) in top else Problems()
            with unread.collected():
                self._note(mention, is_document=id(mention) in top)

    def _note(self, mention: Mapping, *, is_document: bool) -> None:
        """Remember what a mapping describes, and what is to be looked up for it."""
        model = _model_of(mention)
        names = _identity_names(model, mention)
        if is_document or (names and mention.entries.keys() - names):
            self._pending[model].append(mention)
            self._by_mention[id(mention)] = None
        is_unique = len(names) == 1 and model is not Site
        if is_unique and isinstance(mention.entries[names[0]], Scalar):
            self._wanted[model, names[0]].append(mention)

    def identify(self) -> None:
        """Find every object described, so that references can point to it."""
        for model in list(self._pending):
            self._described(model)

    @property
    def records(self) -> list[Record]:
        """The objects described, model by model."""
        return [record for records in self._records.values() for record in records]

    def find(self, reference: Mapping) -> Any:
        """Return the object of a reference, stored or described.

        Raises:
            ImportFailed: there is none, there are several, or the problem of
                its description is reported already.
        """
        model = _model_of(reference)
        described = self._described(model)
        if id(reference) in self._by_mention:
            record = self._by_mention[id(reference)]
            if record is None:
                raise ImportFailed(())
            return record.instance
        lookup = self._read(model, reference, reference.entries)
        for record in described:
            if lookup.items() <= record.identity.items():
                return record.instance
        found = self._fetch(model, lookup, reference)
        if found is None:
            is_importable = bool(unique_names(model))
            cure = "import it too" if is_importable else "create it first"
            message = f"there is no {_named(model, reference, lookup)}; {cure}."
            raise ImportFailed.at(reference.place, message)
        return found

    def _described(self, model: Any) -> list[Record]:
        for mapping in self._pending.pop(model, []):
            with self._problems.collected():
                self._by_mention[id(mapping)] = self._describe(model, mapping)
        return self._records[model]

    def _describe(self, model: Any, mapping: Mapping) -> Record:
        if issubclass(model, base_page_model()):
            message = f"{mapping.tag} is a page; describe it by 'url' and 'type'."
            raise ImportFailed.at(mapping.place, message)
        if not (model is Site or is_permitted(model)):
            message = (
                f"{mapping.tag} may not be imported; refer to one that exists, or add"
                f" '{model._meta.label_lower}' to {SETTING}."
            )
            raise ImportFailed.at(mapping.place, message)
        names = _identity_names(model, mapping)
        if not names and not issubclass(model, BaseGenericSetting):
            unique = " or ".join(map(" with ".join, unique_names(model)))
            message = f"{mapping.tag} needs a unique field to be found by; "
            message += (
                f"give {unique}."
                if unique
                else ("the model has none: create the object first, and refer to it.")
            )
            raise ImportFailed.at(mapping.place, message)
        if issubclass(model, MP_Node) and not issubclass(model, Collection):
            message = f"{mapping.tag} is a node of a tree; create it there first."
            raise ImportFailed.at(mapping.place, message)
        identity = self._read(model, mapping, names)
        for record in self._records[model]:
            if record.identity == identity:
                record.merge(mapping)
                return record
        record = self._record(model, mapping, identity)
        self._records[model].append(record)
        return record

    def _record(self, model: Any, mapping: Mapping, identity: Lookup) -> Record:
        options = model._meta
        kind = Kind(str(options.verbose_name), str(options.verbose_name_plural))
        name = _named(model, mapping, identity)
        instance = self._fetch(model, identity, mapping) or model()
        source = Mapping(dict(mapping.entries), "", mapping.place, dict(mapping.places))
        return Record(kind, name, source, instance, identity)

    def _read(self, model: Any, mapping: Mapping, names: Iterable[str]) -> Lookup:
        problems, lookup = Problems(), {}
        for name in names:
            with problems.collected():
                setter = setter_of(model, mapping, name)
                lookup[name] = setter.read(mapping.entries[name], Resolver(self._find))
        problems.raise_if_any()
        return lookup

    def _fetch(self, model: Any, lookup: Lookup, mapping: Mapping) -> Any:
        """Return the one stored object that a lookup finds, or None.

        Raises:
            ImportFailed: it finds several.
        """
        if any(_is_unsaved(value) for value in lookup.values()):
            return None
        key = (model, *sorted((n, _identity(v)) for n, v in lookup.items()))
        if key not in self._looked_up:
            self._looked_up[key] = self._query(model, lookup, mapping)
        return self._looked_up[key]

    def _query(self, model: Any, lookup: Lookup, mapping: Mapping) -> Any:
        for name, value in lookup.items():
            if (model, name) in self._wanted and len(lookup) == 1:
                return self._fetch_wanted(model, name).get(value)
        found = list(model._default_manager.filter(**lookup)[:2])
        if len(found) > 1:
            named = _named(model, mapping, lookup)
            message = f"there are several: {named}; give more fields."
            raise ImportFailed.at(mapping.place, message)
        return found[0] if found else None

    def _fetch_wanted(self, model: Any, name: str) -> dict[Any, Any]:
        """Return all objects that the run looks up by one field: one query."""
        if (model, name) not in self._fetched:
            values, unreported = [], Problems()
            for mention in self._wanted[model, name]:
                with unreported.collected():  # as whoever resolves it reports it
                    values.append(self._read(model, mention, [name])[name])
            found = model._default_manager.filter(**{f"{name}__in": values})
            by_value = {getattr(item, name): item for item in found}
            self._fetched[model, name] = by_value
        return self._fetched[model, name]


def _identity(value: Any) -> str:
    return str(value.pk) if isinstance(value, models.Model) else str(value)


def _is_unsaved(value: Any) -> bool:
    return isinstance(value, models.Model) and value._state.adding


def _model_of(mapping: Mapping) -> Any:
    """Return the model of a tag `!app.model` or `!site`.

    Raises:
        ImportFailed: there is none.
    """
    if mapping.tag == "!site":
        return Site
    label = mapping.tag.removeprefix("!")
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        known = {f"!{model._meta.label_lower}" for model in apps.get_models()}
        hint = "write !app_label.model, !page, !image, !document or !site."
        if "." in label:
            hint = suggestion(mapping.tag, known)
        message = f"there is no '{mapping.tag}'; {hint}"
        raise ImportFailed.at(mapping.place, message) from None


def unique_names(model: Any) -> list[tuple[str, ...]]:
    """Return the sets of fields that an object of a model can be found by."""
    if model is Site:
        return [("hostname", "port"), ("hostname",)]
    if issubclass(model, MP_Node):
        return [("name",)] if issubclass(model, Collection) else []
    return unique_sets(model)


def _identity_names(model: Any, mapping: Mapping) -> tuple[str, ...]:
    """Return the first set of unique fields that a mapping gives."""
    for names in unique_names(model):
        if mapping.entries.keys() >= set(names):
            return names
    return ()


def _named(model: Any, mapping: Mapping, lookup: Lookup) -> str:
    """Return `jobs.job slug 'gardener'`."""
    texts = [
        f"{name} '{getattr(mapping.entries[name], 'text', lookup[name])}'"
        for name in lookup
    ]
    return " ".join([model._meta.label_lower, ", ".join(texts)]).strip()
