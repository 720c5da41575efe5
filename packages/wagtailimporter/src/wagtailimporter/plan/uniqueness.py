"""Find pages that share a value which has to be unique, with one query for each field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from wagtailimporter.exceptions import Problem
from wagtailimporter.fields.setters import base_page_model
from wagtailimporter.plan.records import Record

__all__ = ["find_duplicates", "unique_sets"]


def unique_sets(model: Any) -> list[tuple[str, ...]]:
    """Return the sets of fields that a model is unique by, the key apart."""
    options = model._meta
    single = [
        (field.name,)
        for field in options.concrete_fields
        if field.unique and not field.primary_key
    ]
    together = [tuple(names) for names in options.unique_together]
    constraints = [tuple(c.fields) for c in options.total_unique_constraints]
    return [*single, *together, *constraints]


def find_duplicates(records: Iterable[Record]) -> list[Problem]:
    """Return a problem for each changed page whose unique value another page has."""
    groups: dict[Any, list[Record]] = defaultdict(list)
    for record in records:
        if record.is_changed:
            groups[type(record.instance)].append(record)
    return [problem for model, group in groups.items() for problem in _in(model, group)]


def _in(model: Any, records: list[Record]) -> Iterator[Problem]:
    for names in unique_sets(model):
        fields = [model._meta.get_field(name) for name in names]
        if any(
            field.model is base_page_model() or field.one_to_one for field in fields
        ):
            continue  # Wagtail's own, which the importer sets.
        changed = [r for r in records if r.is_new or set(names) & r.givens.keys()]
        yield from _shared(model, names, fields, changed)


def _shared(
    model: Any, names: tuple[str, ...], fields: list[Any], records: list[Record]
) -> Iterator[Problem]:
    described = {record.instance.pk for record in records}
    owners: dict[tuple[Any, ...], str] = {}
    values = {}
    for record in records:
        value = tuple(field.value_from_object(record.instance) for field in fields)
        if None not in value:
            values[record] = value
    wanted = {value[0] for value in values.values()}
    if not wanted:
        return
    stored = model._base_manager.filter(**{f"{fields[0].attname}__in": wanted})
    attributes = [field.attname for field in fields]
    for key, *value in stored.values_list("pk", *attributes):
        if key not in described:
            owners[tuple(value)] = "a stored page"
    for record, value in values.items():
        if value in owners:
            named = ", ".join(f"{n} '{v}'" for n, v in zip(names, value, strict=True))
            place = record.source.places.get(names[0], record.source.place)
            message = f"{named} has to be unique; {owners[value]} has it already."
            yield Problem(place, message)
        owners.setdefault(value, record.name)
