"""What the body of a class must be like to become a composite type."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from django.apps import apps as live_apps
from django.db.models import Field
from django.db.models.fields import AutoFieldMixin

from postgres_composite_types.exceptions import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["app_label", "is_abstract_type", "members_of_class", "refuse", "slots"]

RESERVED = {"Field", "Meta", "Operation"}


def members_of_class(
    bases: tuple[type, ...], attrs: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the members that a class has: copies of the inherited ones first.

    A member of the same name takes the place of an inherited one, and any other
    attribute, such as None, leaves it out.
    """
    members: dict[str, Any] = {}
    for base in reversed(bases):
        members |= _inherited(base)
    members = {
        name: attrs[name] if name in attrs else member.clone()
        for name, member in members.items()
    }
    members |= {key: value for key, value in attrs.items() if isinstance(value, Field)}
    return {key: value for key, value in members.items() if isinstance(value, Field)}


def _inherited(base: type) -> dict[str, Any]:
    if "_members" in vars(base):
        members: dict[str, Any] = vars(base)["_members"]
        return members
    found: dict[str, Any] = {}  # Of a plain mixin.
    for each in reversed(base.__mro__):
        found |= vars(each)
    return {key: value for key, value in found.items() if isinstance(value, Field)}


def is_abstract_type(options: Any) -> bool:
    """Return whether a class only lends its members; its heirs are not abstract."""
    return options is not None and bool(vars(options).get("abstract"))


def slots(
    bases: tuple[type, ...], members: Mapping[str, Any], described: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the names of the slots that the bases do not have.

    Members with a descriptor share the one of `__dict__`.
    """
    there = {name for base in bases for name in _slots_of(base)}
    names = [name for name in members if name not in there | described.keys()]
    needs_dict = described and not any(base.__dictoffset__ for base in bases)
    return (*names, "__dict__") if needs_dict else tuple(names)


def _slots_of(base: type) -> Iterator[str]:
    for each in base.__mro__:
        yield from vars(each).get("__slots__", ())


def refuse(
    bases: tuple[type, ...],
    place: str,
    members: Mapping[str, Any],
    options: Any,
    *,
    is_abstract: bool,
) -> None:
    """Raise DefinitionError for a class body that cannot become a type."""
    for fault in _faults(bases, members, options, is_abstract):
        message = f"{place}{fault}"
        raise DefinitionError(message)


def _faults(
    bases: tuple[type, ...],
    members: Mapping[str, Any],
    options: Any,
    is_abstract: bool,
) -> Iterator[str]:
    if not is_abstract and not getattr(options, "db_type", None):
        yield ": Meta.db_type is missing; name the type in PostgreSQL there."
    if not is_abstract and not members:
        yield " has no members; declare a field."
    types = [base for base in bases if hasattr(base, "_meta")]
    for one, other in combinations(types, 2):
        if not issubclass(one, other):
            yield (
                f": {one.__name__} and {other.__name__} are both types of the database;"
                " let it inherit from one, or make one abstract."
            )
    inherited = {name for base in bases for name in _inherited(base)}
    for name, field in members.items():
        if name in RESERVED or (
            name not in inherited and any(name in dir(base) for base in bases)
        ):
            yield f".{name}: the name is taken by an attribute; rename the member."
        if field.is_relation or isinstance(field, AutoFieldMixin):
            kind = type(field).__name__
            yield f".{name}: a {kind} cannot be a member; use a plain field."


def app_label(module: str, options: Any, place: str) -> str:
    """Return the label of the app that a class belongs to, as models find it.

    Raises:
        DefinitionError: no app contains the module.
    """
    label: str | None = getattr(options, "app_label", None)
    if label is None:
        config = live_apps.get_containing_app_config(module)
        if config is None:
            message = f"{place}: no app contains it; set Meta.app_label."
            raise DefinitionError(message)
        label = config.label
    return label
