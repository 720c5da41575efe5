"""Composite types as a part of Django's ProjectState.

ProjectState has no place for what is not a model, so a state carries its types as an
attribute; `install` teaches ProjectState to hand it on to its clones, and to render the
models together with the types of the same point of the history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState, StateApps
from django.db.models import Field

from postgres_composite_types.column.fields import CompositeTypeField
from postgres_composite_types.declare.definition import qualified
from postgres_composite_types.declare.registry import Registry, live
from postgres_composite_types.types import CompositeType, CompositeTypeMeta

Key = tuple[str, str]
Wrapper = TypeVar("Wrapper", bound="Field[Any, Any]")


@dataclass(frozen=True)
class TypeState:
    """A composite type at one point of the history.

    Args:
        app_label: The app that declares it.
        name: The name of its class.
        db_type: Its name in the database.
        members: The fields by name, in the order of their arrival.
        schema: The schema that holds it; None means the first of the search path.
        managed: False if migrations leave the database's type alone.
        is_frozen: False where a migration takes the members from the class of today.
    """

    app_label: str
    name: str
    db_type: str
    members: Mapping[str, Field[Any, Any]]
    schema: str | None = None
    managed: bool = True
    is_frozen: bool = True

    @classmethod
    def from_type(cls, type_class: type[CompositeType]) -> TypeState:
        """Return the state of a declared class."""
        meta = type_class._meta
        return cls(
            app_label=meta.app_label,
            name=meta.name,
            db_type=meta.db_type,
            schema=meta.schema,
            managed=meta.managed,
            members={field.name: field.clone() for field in meta.fields},
        )

    @property
    def name_lower(self) -> str:
        """The name by which migrations find it."""
        return self.name.lower()

    @property
    def key(self) -> Key:
        """The app label and the lower-case name."""
        return self.app_label, self.name_lower

    @property
    def qualified_name(self) -> str:
        """The quoted name in the database, with the schema if one is given."""
        return qualified(self.schema, self.db_type)

    def render(self, apps: StateApps) -> type[CompositeType]:
        """Return a class of the type as it stands here, registered in `apps`."""
        options = {
            "app_label": self.app_label,
            "apps": apps,
            "db_type": self.db_type,
            "schema": self.schema,
            "managed": self.managed,
        }
        body = {name: field.clone() for name, field in self.members.items()}
        place = {"__module__": "__fake__", "__qualname__": self.name}
        made: type[CompositeType] = CompositeTypeMeta(  # type: ignore[assignment]  # makes these
            self.name,
            (CompositeType,),
            {**body, **place, "Meta": type("Meta", (), options)},
        )
        return made

    def with_member(self, name: str, field: Field[Any, Any]) -> TypeState:
        """Return this type with a member more, or with another field for it."""
        return replace(self, members={**self.members, name: field})

    def without_member(self, name: str) -> TypeState:
        """Return this type with a member less."""
        left = {key: field for key, field in self.members.items() if key != name}
        return replace(self, members=left)

    def with_renamed_member(self, old_name: str, new_name: str) -> TypeState:
        """Return this type with a member of another name in the same place."""
        renamed = {
            new_name if name == old_name else name: field
            for name, field in self.members.items()
        }
        return replace(self, members=renamed)


class StateTypes(Registry):
    """The types of a state, and the living ones of which it says nothing.

    Those are the types of apps without migrations, and a field whose class is bound to
    a type that had another name at this point of the history.
    """

    def get(self, reference: str) -> type[CompositeType]:
        """Return the type of a reference such as `geo.Address`."""
        return super().get(reference) if reference in self else live.get(reference)


class TypedStateApps(StateApps):
    """Models rendered together with the types of the same state."""

    def __init__(self, state: ProjectState) -> None:
        self.composite_types = StateTypes()
        for type_state in types_in(state).values():
            type_state.render(self)
        super().__init__(state.real_apps, state.models)  # type: ignore[arg-type]  # it is a set


def types_in(state: ProjectState) -> dict[Key, TypeState]:
    """Return the types of a state, which may be changed in place."""
    found: dict[Key, TypeState] = state.__dict__.setdefault("composite_types", {})
    return found


def put_type(state: ProjectState, type_state: TypeState) -> None:
    """Add a type to a state, or replace it there."""
    types_in(state)[type_state.key] = type_state
    forget_rendered(state)


def remove_type(state: ProjectState, key: Key) -> TypeState:
    """Take a type out of a state and return it."""
    forget_rendered(state)
    return types_in(state).pop(key)


def rename_type(state: ProjectState, key: Key, app_label: str, name: str) -> None:
    """Give a type another app or name, in the fields that refer to it too."""
    put_type(state, replace(remove_type(state, key), app_label=app_label, name=name))
    label = f"{app_label}.{name}"
    for type_key, type_state in list(types_in(state).items()):
        types_in(state)[type_key] = replace(
            type_state, members=_repointed(type_state.members, key, label)
        )
    for model_state in state.models.values():
        model_state.fields = _repointed(model_state.fields, key, label)


def forget_rendered(state: ProjectState) -> None:
    """Let the models be rendered again when they are next asked for.

    Rendered fields keep the definitions that they found, and the state before an
    operation shares its models with the state after it; so they are never changed.
    """
    state.__dict__.pop("apps", None)


def used_by(fields: Mapping[str, Field[Any, Any]]) -> set[Key]:
    """Return the types that fields name, inside arrays and generated fields too."""
    return {
        (app_label, name.lower())
        for outer in fields.values()
        for field in _layers(outer)
        if isinstance(field, CompositeTypeField)
        for app_label, _, name in [field.reference.partition(".")]
    }


def fields_of(operation: Operation) -> dict[str, Field[Any, Any]]:
    """Return the fields that an operation on a model or a type brings."""
    fields = dict(getattr(operation, "fields", None) or ())
    if field := getattr(operation, "field", None):
        fields[field.name or ""] = field
    return fields


def closure_of(state: ProjectState, fields: Mapping[str, Field[Any, Any]]) -> set[Key]:
    """Return the types that fields use, and the types used by those."""
    found: set[Key] = set()
    waiting = used_by(fields)
    while waiting:
        key = waiting.pop()
        found.add(key)
        if key in types_in(state):
            waiting |= used_by(types_in(state)[key].members) - found
    return found


def _layers(field: Field[Any, Any]) -> Iterator[Field[Any, Any]]:
    layer: Any = field
    while isinstance(layer, Field):
        yield layer
        # An ArrayField has a base_field, a GeneratedField an output_field.
        layer = getattr(layer, "base_field", None) or layer.__dict__.get("output_field")


def _repointed(
    fields: Mapping[str, Field[Any, Any]], key: Key, label: str
) -> dict[str, Field[Any, Any]]:
    return {name: _repoint(field, key, label) for name, field in fields.items()}


def _repoint(field: Wrapper, key: Key, label: str) -> Wrapper:
    """Return the field, or a copy that refers to the type by its new label."""
    if key not in used_by({"": field}):
        return field
    # Any: an attribute of the one kind of field or of the other.
    copy: Any = field.clone()
    if isinstance(copy, CompositeTypeField):
        if copy.bound_reference is None:  # Else its class knows the type.
            copy.reference = label
    else:
        for attribute in ("base_field", "output_field"):
            if inner := copy.__dict__.get(attribute):
                setattr(copy, attribute, _repoint(inner, key, label))
    copy.name = field.name
    changed: Wrapper = copy
    return changed
