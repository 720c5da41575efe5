"""Show a value as people read it: labels, in declared order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from choice_array_field.column.fields import ChoiceArrayField

__all__ = ["labels"]


def labels(field: ChoiceArrayField[Any, Any], value: Any) -> str:
    """Return the labels of the members; of one outside the choices, the value."""
    if not field.is_selection(value):
        return "" if value is None else str(value)
    choices = field.choice_set
    members = choices.display_order(value)
    return ", ".join(choices.label(member) for member in members)
