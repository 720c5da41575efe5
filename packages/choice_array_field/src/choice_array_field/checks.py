"""System checks of a field's declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .fields import ChoiceArrayField

__all__ = ["check_field"]


def check_field(field: ChoiceArrayField, **kwargs: Any) -> list[Any]:
    """Return what is wrong with a field."""
    return []
