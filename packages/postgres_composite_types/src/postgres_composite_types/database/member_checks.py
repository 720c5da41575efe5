"""System checks of options and fields that have no effect on a member."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig, apps
from django.contrib.postgres.fields import ArrayField
from django.core.checks import CheckMessage, Error, Warning
from django.db import connections, router
from django.db.models import FileField, GeneratedField
from django.db.models.fields import NOT_PROVIDED

from postgres_composite_types.column.arrays import element_of
from postgres_composite_types.declare.descriptors import others_of
from postgres_composite_types.declare.registry import live

if TYPE_CHECKING:
    from postgres_composite_types.declare.definition import Definition

__all__ = ["check_columns", "check_members"]

_ID = "postgres_composite_types"
# Options that a member is refused for, and the cure.
_ON_THE_MODEL = {
    "primary_key": "Make a column of the model its primary key.",
    "unique": 'Add UniqueConstraint("COLUMN__{name}", name=...) to the model.',
    "unique_for_date": "Compare the dates in the model's clean().",
    "unique_for_month": "Compare the dates in the model's clean().",
    "unique_for_year": "Compare the dates in the model's clean().",
}
_WITHOUT_EFFECT = {
    "db_index": 'Add Index("COLUMN__{name}", name=...) to the model.',
    "db_comment": "Use COMMENT ON COLUMN in a RunSQL.",
    "db_tablespace": "Give it to the index or the model.",
}


def check_members(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Find members that would silently do less than their fields do on a model."""
    labels = {config.label for config in app_configs or apps.get_app_configs()}
    return [
        message
        for composite in live
        if composite._meta.app_label in labels
        for member in composite._meta.fields
        for message in _member_faults(composite._meta, member)
    ]


def _member_faults(definition: Definition, member: Any) -> Iterator[CheckMessage]:
    place = f"{definition.label}.{member.name}"
    options = member.deconstruct()[3]
    for option in _ON_THE_MODEL:
        # `unique` says True for a primary key, too.
        if getattr(member, "_unique" if option == "unique" else option, None):
            hint = _ON_THE_MODEL[option].format(name=member.name)
            text = f"{place}: a member cannot be {option}, since a value is not a row."
            yield Error(text, hint=hint, obj=definition.label, id=f"{_ID}.E002")
    for option in _WITHOUT_EFFECT:
        if options.get(option):
            hint = _WITHOUT_EFFECT[option].format(name=member.name)
            text = f"{place}: {option} has no effect on a member."
            yield Warning(text, hint=hint, obj=definition.label, id=f"{_ID}.W006")
    if others := others_of(member):
        kind = type(member).__name__
        text = f"{place}: {kind} gives models {', '.join(others)}, which values do not get."
        hint = "The member is the stored value; a property may convert it."
        yield Warning(text, hint=hint, obj=definition.label, id=f"{_ID}.W006")
    field = member
    while isinstance(field, ArrayField):
        field = field.base_field
    if isinstance(field, FileField) and field is not member:
        text = f"{place}: the files of an array would not be stored."
        hint = "Use an array of a composite type with the file as a member."
        yield Error(text, hint=hint, obj=definition.label, id=f"{_ID}.E002")
    if isinstance(field, GeneratedField):
        text = f"{place}: PostgreSQL generates columns, not members."
        hint = "Put it on the model; members can be named in its expression."
        yield Error(text, hint=hint, obj=definition.label, id=f"{_ID}.E002")
    if getattr(field, "db_default", NOT_PROVIDED) is not NOT_PROVIDED:
        text = f"{place}: PostgreSQL has defaults for columns, not for members."
        hint = "Use default, or db_default of the column."
        yield Error(text, hint=hint, obj=definition.label, id=f"{_ID}.E002")


def check_columns(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: Any,
) -> list[CheckMessage]:
    """Find columns that cannot be used as they are declared."""
    configs = app_configs or apps.get_app_configs()
    return [
        message
        for config in configs
        for model in config.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        for message in _column_faults(field, databases)
    ]


def _column_faults(field: Any, databases: Sequence[str] | None) -> Iterator[Error]:
    if field.is_relation and _is_composite(_target(field)):
        text = f"A {type(field).__name__} cannot refer to a column of a composite type."
        hint = "Name another unique column in to_field, or give the target another key."
        yield Error(text, hint=hint, obj=field, id=f"{_ID}.E004")
    element, _ = element_of(field)
    if element is None:
        return
    if field.choices or element.choices:
        text = "A composite type has no choices: a form sends its members one by one."
        hint = "Give choices to the members, or refer to a model of the choices."
        yield Error(text, hint=hint, obj=field, id=f"{_ID}.E005")
    for alias in _foreign(field.model, databases):
        vendor = connections[alias].vendor
        text = f"Composite types need PostgreSQL; the database {alias!r} is {vendor}."
        hint = "Change ENGINE in DATABASES, or route the model elsewhere."
        yield Error(text, hint=hint, obj=field, id=f"{_ID}.E003")


def _target(field: Any) -> Any:
    # A relation to a missing model is Django's own error.
    return field.target_field if hasattr(field.remote_field.model, "_meta") else None


def _is_composite(field: Any) -> bool:
    return field is not None and element_of(field)[0] is not None


def _foreign(model: Any, databases: Sequence[str] | None) -> list[str]:
    """Return the databases that get the table and are not PostgreSQL.

    If none is named, one that is PostgreSQL is enough: a project without a router
    may have others for other models.
    """
    allowed = [
        alias
        for alias in databases or connections
        if model._meta.managed and router.allow_migrate_model(alias, model)
    ]
    foreign = [each for each in allowed if connections[each].vendor != "postgresql"]
    return foreign if databases or foreign == allowed else []
