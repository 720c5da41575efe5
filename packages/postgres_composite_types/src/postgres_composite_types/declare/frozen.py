"""A value as a migration holds it: it imports no class that may change or go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.deconstruct import deconstructible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from postgres_composite_types.types import CompositeType

__all__ = ["CompositeValue"]


@deconstructible(path="postgres_composite_types.CompositeValue")
class CompositeValue:
    """A value whose class is looked up when it is used, at that point of the history.

    `makemigrations` writes it for `default=Address(...)` and its like.

    Args:
        reference: The type as `app_label.Name`.
        members: The values by the names that the members had.
    """

    deconstruct: Callable[[], Any]

    def __init__(self, reference: str, members: Mapping[str, Any]) -> None:
        self.reference = reference
        self.members = dict(members)

    def of(self, composite: type[CompositeType]) -> CompositeType:
        """Return the value in a class, without members that the class does not have.

        The type may have changed since; what it got since has its default.
        """
        fields = {field.name: field for field in composite._meta.fields}
        known = self.members.keys() & fields.keys()
        return composite(
            **{name: thawed(fields[name], self.members[name]) for name in known}
        )

    def __eq__(self, other: object) -> bool:
        """Return whether it is the same value, or one of a class that would freeze to it.

        The autodetector compares the constraints of a state with those of models.
        """
        if not hasattr(other, "deconstruct"):
            return NotImplemented
        return bool(self.deconstruct() == other.deconstruct())

    def __hash__(self) -> int:
        # A value of a class has another: nothing puts both into one set.
        return hash((self.reference, *sorted(self.members)))

    def __repr__(self) -> str:
        return f"CompositeValue({self.reference!r}, {self.members!r})"


def thawed(field: Any, value: Any) -> Any:
    """Return a value with each frozen one in it as its field's class has it."""
    if isinstance(value, CompositeValue):
        return value.of(field.composite)
    if isinstance(value, list | tuple) and hasattr(field, "base_field"):
        return type(value)(thawed(field.base_field, item) for item in value)
    return value
