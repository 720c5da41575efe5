"""What the body of a class must be like to become a composite type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps as live_apps
from django.db.models.fields import AutoFieldMixin

from .exceptions import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["app_label", "refuse"]

RESERVED = {"Field", "Meta", "Operation"}


def refuse(
    bases: tuple[type, ...], place: str, members: Mapping[str, Any], options: Any
) -> None:
    """Raise DefinitionError for a class body that cannot become a type."""
    for fault in _faults(bases, members, options):
        message = f"{place}{fault}"
        raise DefinitionError(message)


def _faults(
    bases: tuple[type, ...], members: Mapping[str, Any], options: Any
) -> Iterator[str]:
    if not getattr(options, "db_type", None):
        yield ": Meta.db_type is missing; name the type in PostgreSQL there."
    if not members:
        yield " has no members; declare a field."
    for name, field in members.items():
        if name in RESERVED or any(name in dir(base) for base in bases):
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
