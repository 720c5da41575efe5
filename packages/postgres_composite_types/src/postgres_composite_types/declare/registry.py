"""Where the types are known by name: the living ones and those of history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps as live_apps

from postgres_composite_types.exceptions import DefinitionError, UnknownTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from postgres_composite_types.types import CompositeType

__all__ = ["Registry", "live", "types_of"]


class Registry:
    """Finds composite types by `app_label.Name`, whatever the case of the name."""

    def __init__(self) -> None:
        self._types: dict[tuple[str, str], type[CompositeType]] = {}

    def register(self, composite: type[CompositeType]) -> None:
        """Add a type.

        Raises:
            DefinitionError: another class of the app has the same name.
        """
        key = _key(composite._meta.label)
        known = self._types.get(key)
        if known is not None and _place(known) != _place(composite):
            message = (
                f"{composite._meta.label}: {_place(known)} and {_place(composite)} "
                "have the same name; rename one."
            )
            raise DefinitionError(message)
        self._types[key] = composite

    def get(self, reference: str) -> type[CompositeType]:
        """Return the type of a reference such as `geo.Address`.

        Raises:
            UnknownTypeError: no class declares it.
        """
        try:
            return self._types[_key(reference)]
        except KeyError:
            message = f"{reference}: no such composite type; declare or import it."
            raise UnknownTypeError(message) from None

    def __iter__(self) -> Iterator[type[CompositeType]]:
        return iter(list(self._types.values()))

    def __contains__(self, reference: str) -> bool:
        return _key(reference) in self._types

    def __len__(self) -> int:
        return len(self._types)


live = Registry()


def types_of(apps: Any = live_apps) -> Registry:
    """Return the types that belong to an app registry, historical or living.

    Args:
        apps: Django's registry, or the StateApps of a migration's state, which
            carries its own types as `composite_types`.
    """
    registry: Registry = getattr(apps, "composite_types", live)
    return registry


def _key(reference: str) -> tuple[str, str]:
    app_label, _, name = reference.partition(".")
    return app_label, name.lower()


def _place(composite: type) -> str:
    return f"{composite.__module__}.{composite.__qualname__}"
