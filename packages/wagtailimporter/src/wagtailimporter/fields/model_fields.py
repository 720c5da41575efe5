"""The fields of a model that a file can set, child relations included.

The rows of a child relation (ParentalKey) have fields of their own, so both are here.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from modelcluster.fields import ParentalKey
from taggit.managers import TaggableManager
from wagtail.fields import RichTextField, StreamField

from wagtailimporter.exceptions import ImportFailed, Problem, Problems, suggestion
from wagtailimporter.fields.references import Resolver
from wagtailimporter.fields.setters import (
    ManySetter,
    ReferenceSetter,
    RichTextSetter,
    Setter,
    StreamSetter,
    TagsSetter,
    base_page_model,
)
from wagtailimporter.parse.values import Mapping, Sequence, Value

__all__ = ["RowsSetter", "problems_of", "setter_of", "setters"]


@dataclass(frozen=True)
class Row:
    """What a file says about one row."""

    natives: dict[str, Any]


class RowsSetter(Setter):
    """Sets a child relation; rows keep their keys by position."""

    @property
    def model(self) -> Any:
        """The model of the rows."""
        return self.field.related_model

    def read(self, value: Value, resolver: Resolver) -> Any:
        """Return the rows."""
        if not isinstance(value, Sequence) or value.tag:
            raise ImportFailed.at(value.place, "expected a list of mappings.")
        problems, rows = Problems(), []
        for item in value.items:
            with problems.collected():
                rows.append(self._read_row(item, resolver))
        problems.raise_if_any()
        return rows

    def _read_row(self, item: Value, resolver: Resolver) -> Row:
        label = self.model._meta.label_lower
        # The relation knows its model, so a tag says nothing; but it must not lie.
        is_row = "." not in item.tag or item.tag.lower() == f"!{label}"
        if not isinstance(item, Mapping) or not is_row:
            raise ImportFailed.at(item.place, f"expected a mapping, a {label}.")
        problems, row = Problems(), Row({})
        for name, value in item.entries.items():
            with problems.collected():
                setter = setter_of(self.model, item, name)
                if setter.needs_stored:
                    message = f"'{name}' of {label} cannot be imported in a row."
                    raise ImportFailed.at(item.places[name], message)
                row.natives[name] = setter.read(value, resolver)
        problems.raise_if_any()
        self._validate(row, item)
        return row

    def _validate(self, row: Row, item: Mapping) -> None:
        child = self.model()
        self._fill(child, row)
        known = [n for n, v in row.natives.items() if self._is_known(n, v)]
        exclude = [self.field.field.name, *known]
        # Not whether it is unique: the stored row that it replaces is in the way.
        found = problems_of(child, item, exclude, is_alone=True)
        if found:
            raise ImportFailed(found)

    def _is_known(self, name: str, native: Any) -> bool:
        """Return whether a target needs no query to be validated."""
        if not isinstance(native, models.Model):
            return False
        limits = setters(self.model)[name].field.get_limit_choices_to()
        return native._state.adding or not limits

    def _fill(self, child: models.Model, row: Row) -> None:
        for name, native in row.natives.items():
            setters(self.model)[name].set(child, native)

    def differs(self, instance: models.Model, native: Any) -> bool:
        """Compare the given fields of every row, in order."""
        stored = self._stored(instance)
        if len(stored) != len(native):
            return True
        # All of them, as comparing a StreamField also gives it the stored ids.
        differences = [
            setters(self.model)[name].differs(child, value)
            for child, row in zip(stored, native, strict=True)
            for name, value in row.natives.items()
        ]
        return any(differences)

    def _stored(self, instance: Any) -> list[Any]:
        return list(getattr(instance, self.field.get_accessor_name()).all())

    def set(self, instance: models.Model, native: Any) -> None:
        """Replace the rows."""
        stored = self._stored(instance)
        children = []
        for position, row in enumerate(native):
            child = stored[position] if position < len(stored) else self.model()
            order = getattr(child, "sort_order_field", None)
            if order:
                setattr(child, order, position)
            self._fill(child, row)
            children.append(child)
        getattr(instance, self.field.get_accessor_name()).set(children)


def problems_of(
    instance: models.Model,
    source: Mapping,
    exclude: list[str],
    *,
    is_alone: bool = False,
) -> list[Problem]:
    """Return what a model's own validation says, at the fields of the file.

    Args:
        instance: what to validate.
        source: what a file says about it.
        exclude: the fields not to validate.
        is_alone: leave out what compares the instance with stored ones.
    """
    try:
        instance.full_clean(
            exclude=exclude,
            validate_unique=not is_alone,
            validate_constraints=not is_alone,
        )
    except ValidationError as error:
        return [
            Problem(
                source.places.get(name, source.place),
                message if name == NON_FIELD_ERRORS else f"{name}: {message}",
            )
            for name, messages in error.message_dict.items()
            for message in messages
        ]
    return []


@functools.cache
def setters(model: type[models.Model]) -> dict[str, Setter]:
    """Return the setters of a model by field name.

    Not among them: primary keys, links to a parent model, what Wagtail itself
    keeps about a page, uploaded files, and relations that another model owns.
    """
    found: dict[str, Setter] = {}
    field: Any
    for field in model._meta.get_fields():
        if field.auto_created and not field.one_to_many:
            continue
        if field.one_to_many:
            if isinstance(getattr(field, "field", None), ParentalKey):
                found[field.get_accessor_name()] = RowsSetter(field)
        elif not (_is_kept_by_wagtail(field) or _is_key_or_file(field)):
            found[field.name] = _setter(field)
    return found


def setter_of(model: type[models.Model], source: Mapping, name: str) -> Setter:
    """Return the setter of a field that a mapping names.

    Raises:
        ImportFailed: the model has no such field, or not one to be set.
    """
    known, label = setters(model), model._meta.label_lower
    if name in known:
        return known[name]
    if name in {field.name for field in model._meta.get_fields()}:
        message = f"'{name}' of {label} cannot be imported; leave it out."
    else:
        message = f"{label} has no field '{name}'; {suggestion(name, known)}"
    raise ImportFailed.at(source.places[name], message)


def _setter(field: Any) -> Setter:
    if isinstance(field, StreamField):
        return StreamSetter(field)
    if isinstance(field, RichTextField):
        return RichTextSetter(field)
    if isinstance(field, TaggableManager):
        return TagsSetter(field)
    if field.many_to_many:
        return ManySetter(field)
    if field.is_relation:
        return ReferenceSetter(field)
    return Setter(field)


def _is_key_or_file(field: Any) -> bool:
    # A generic foreign key has no `primary_key`; its two columns are fields.
    return isinstance(field, models.FileField) or getattr(field, "primary_key", True)


def _is_kept_by_wagtail(field: Any) -> bool:
    """Return whether a field is a page's place in the tree or its live state."""
    page = base_page_model()
    if not issubclass(field.model, page) or field.name not in _own_names(page):
        return False
    return not field.editable or field.name in (
        *("path", "depth", "numchild", "content_type"),
        *("slug", "live_revision", "latest_revision"),
    )


def _own_names(page: Any) -> set[str]:
    return {field.name for field in page._meta.get_fields()}
