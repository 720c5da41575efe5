"""The table that the objects of a model are written to."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from loaddata_stdin.model.natural_keys import NaturalKey

__all__ = ["Target", "listed"]

# Any in this module: fields of any value.


class Target:
    """A concrete model as the columns of its own table.

    Attributes:
        model: the concrete model.
        using: the alias of the database.
        fields: those whose columns are written, in their order; with the primary key,
            without what the database generates.
        keys: the fields of the primary key.
        references: foreign keys whose target can be named by a natural key.
    """

    def __init__(self, model: type[models.Model], using: str) -> None:
        self.model = model
        self.using = using
        meta = model._meta
        self.fields: list[Any] = [
            f for f in meta.local_concrete_fields if is_written(f)
        ]
        self.keys: list[Any] = list(getattr(meta, "pk_fields", [meta.pk]))
        self.references: list[Any] = [f for f in self.fields if is_named(f)]

    @cached_property
    def natural(self) -> NaturalKey | None:
        """Return how objects of the model are named; None where they cannot be."""
        return NaturalKey.of(self.model, self.using)

    @cached_property
    def makes_keys(self) -> bool:
        """Return whether one without a primary key gets a default, or that of its name."""
        if not (self.natural and self.natural.fields and len(self.keys) == 1):
            return False
        return self.keys[0].has_default() and self.keys[0] not in self.natural.fields

    @property
    def rest(self) -> list[Any]:
        """Return the fields beside the primary key."""
        return [field for field in self.fields if field not in self.keys]


def is_written(field: Any) -> bool:
    return not field.generated


def is_named(field: Any) -> bool:
    """Return whether a foreign key takes the natural key of its target."""
    is_foreign = isinstance(field.remote_field, models.ManyToOneRel)
    return is_foreign and hasattr(
        field.remote_field.model._default_manager, "get_by_natural_key"
    )


def listed(
    model: type[models.Model], names: tuple[str, ...], *, is_lenient: bool
) -> tuple[dict[Any, str], list[Any]]:
    """Return what objects list: fields with the names that they give them, and relations.

    Args:
        model: of the objects.
        names: that they list.
        is_lenient: whether names that are no fields are left out.

    Raises:
        FieldDoesNotExist: a name is no field.
    """
    given, relations = {}, []
    for name in names:
        try:
            field = _field(model, name)
        except FieldDoesNotExist:
            if is_lenient:
                continue
            raise
        if field.many_to_many:
            relations.append(field)
        else:
            given[field] = name
    return given, relations


def _field(model: type[models.Model], name: str) -> Any:
    field: Any = model._meta.get_field(name)
    is_composite = isinstance(field, models.CompositePrimaryKey)
    is_listed = field.many_to_many and not field.auto_created
    if not (field.concrete or is_composite or is_listed):
        message = f"{model._meta.object_name} holds no '{name}': others hold it"
        raise FieldDoesNotExist(message)
    return field
