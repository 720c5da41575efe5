"""The fields of a model that a file can set, child relations included.

The rows of a child relation (ParentalKey) have fields of their own, so both are here.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.fields import GenericForeignKey
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from modelcluster.fields import ParentalKey
from taggit.managers import TaggableManager
from treebeard.mp_tree import MP_Node
from wagtail.fields import RichTextField, StreamField

from wagtailimporter.exceptions import ImportFailed, Problem, Problems, suggestion
from wagtailimporter.fields.references import Resolver
from wagtailimporter.fields.setters import (
    ManySetter,
    PasswordSetter,
    PropertySetter,
    ReferenceSetter,
    RichTextSetter,
    Setter,
    StreamSetter,
    TagsSetter,
    base_page_model,
)
from wagtailimporter.parse.values import Mapping, Sequence, Value

# Their `save` does what is done in bulk; any other is the model's own.
_PLAIN_SAVES = ("django.db.models.base", "modelcluster.models", "wagtail.models.pages")

__all__ = ["RowsSetter", "has_own_save", "problems_of", "setter_of", "setters"]


@dataclass(frozen=True)
class Row:
    """What a file says about one row."""

    natives: dict[str, Any]


class RowsSetter(Setter):
    """Sets a child relation; rows keep their keys."""

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
        problems, row, refused = Problems(), Row({}), []
        for name, value in item.entries.items():
            refused.append(name)
            with problems.collected():
                setter = setter_of(self.model, item, name)
                if setter.needs_stored:
                    message = f"'{name}' of {label} cannot be imported in a row."
                    raise ImportFailed.at(item.places[name], message)
                row.natives[name] = setter.read(value, resolver)
                refused.pop()
        problems.found.extend(self._problems_of(row, item, refused))
        problems.raise_if_any()
        return row

    def _problems_of(
        self, row: Row, item: Mapping, refused: list[str]
    ) -> list[Problem]:
        child = self.model()
        self._fill(child, row)
        known = [n for n, v in row.natives.items() if self._is_known(n, v)]
        exclude = [self.field.field.name, *known, *refused]
        # Not whether it is unique: the stored row that it replaces is in the way.
        return problems_of(child, item, exclude, is_alone=True)

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
        """Compare every field of every row, in order."""
        stored = self._stored(instance)
        if len(stored) != len(native):
            return True
        same = [self._is_same(*pair) for pair in zip(stored, native, strict=True)]
        return not all(same)

    def _is_same(self, child: Any, row: Row) -> bool:
        """Return whether a stored row is what a new one would be.

        A field that the file does not name has its default, unless the model's own
        `save` may have computed it.
        """
        known = setters(self.model)
        # All of them, as comparing a StreamField also gives it the stored ids.
        differences = [known[n].differs(child, v) for n, v in row.natives.items()]
        if any(differences):
            return False
        if has_own_save(self.model):
            return True
        new = self.model()
        return all(
            field.value_from_object(child) == field.value_from_object(new)
            for field in self._own_fields()
            if field.name not in row.natives
        )

    def _own_fields(self) -> list[Any]:
        """Return the columns of a row that a file may set."""
        order = getattr(self.model, "sort_order_field", None)
        known = setters(self.model)
        return [
            field
            for field in self.model._meta.concrete_fields
            if field.name in known
            and field.name != order
            and field is not self.field.field
            and not (
                field.has_default()
                and field.default not in (list, dict)
                and callable(field.default)
            )
        ]

    def _stored(self, instance: Any) -> list[Any]:
        accessor = self.field.get_accessor_name()
        is_held = accessor in vars(instance).get("_cluster_related_objects", {})
        if instance._state.adding and not is_held:
            return []  # It has a key already, so that modelcluster would ask.
        return list(getattr(instance, accessor).all())

    def set(self, instance: models.Model, native: Any) -> None:
        """Replace the rows.

        A row that is stored already stays; what is left gives its keys to the others,
        and nothing else, so that the files alone say what is stored.
        """
        left = self._stored(instance)
        kept: dict[int, Any] = {}
        for position, row in enumerate(native):
            same = next((c for c in left if self._is_same(c, row)), None)
            if same is not None:
                left.remove(same)
                kept[position] = same
        children = []
        for position, row in enumerate(native):
            child = kept.get(position)
            if child is None:
                child = self._renewed(left.pop(0) if left else None)
            order = getattr(child, "sort_order_field", None)
            if order:
                setattr(child, order, position)
            self._fill(child, row)
            children.append(child)
        getattr(instance, self.field.get_accessor_name()).set(children)

    def _renewed(self, old: Any) -> Any:
        """Return a row with defaults only, and the key of an old one."""
        new = self.model()
        if old is not None:
            new.pk = old.pk
            new._state.adding = False
        return new


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


def has_own_save(model: Any) -> bool:
    """Return whether a model, or a library's base of it, overrides `save`."""
    return model.save.__module__ not in _PLAIN_SAVES


def setter_of(model: type[models.Model], source: Mapping, name: str) -> Setter:
    """Return the setter of a field that a mapping names.

    Raises:
        ImportFailed: the model has no such field, or not one to be set.
    """
    known, label = setters(model), model._meta.label_lower
    attribute = getattr(model, name, None)
    if name in known and not callable(getattr(model, f"set_{name}", None)):
        return known[name]
    if name == "password" and issubclass(model, AbstractBaseUser):
        return PasswordSetter(known[name].field)
    if name in known:
        message = (
            f"{label} stores '{name}' in another form, by its set_{name}();"
            " leave it out and call that."
        )
    elif name in {field.name for field in model._meta.get_fields()}:
        message = f"'{name}' of {label} cannot be imported; leave it out."
    elif isinstance(attribute, property) and attribute.fset is not None:
        return PropertySetter(name)
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
    if issubclass(field.model, MP_Node) and field.name in ("path", "depth", "numchild"):
        return True  # treebeard's, which its own methods set
    # The two columns of a generic foreign key are fields of their own.
    if isinstance(field, (models.FileField, GenericForeignKey)):
        return True
    return bool(getattr(field, "primary_key", True))


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
