"""What is said of a value that does not fit."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from reprlib import Repr
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from .choices import Choices, value_of

if TYPE_CHECKING:
    from .selection import SelectionField

__all__ = ["check_number", "check_selection", "no_choice", "no_list", "no_member"]

SHOWN = 5  # bad values that are named: a request may hold thousands
_repr = Repr()
_repr.maxstring = _repr.maxother = 60

NO_LIST = _("%(value)s is not a list; give a list of choices.")
NO_MEMBER = _("%(value)s cannot be a choice; give one value.")
NO_CHOICE = _("%(value)s is not a choice; the nearest one is %(nearest)s.")
NO_CHOICES = _("%(value)s is not a choice; there are none.")
TOO_FEW = ngettext_lazy(
    "Choose at least %(limit)d; %(count)d is chosen.",
    "Choose at least %(limit)d; %(count)d are chosen.",
    "count",
)
TOO_MANY = ngettext_lazy(
    "Choose at most %(limit)d; %(count)d is chosen.",
    "Choose at most %(limit)d; %(count)d are chosen.",
    "count",
)


def no_list(value: Any) -> ValidationError:
    """Return the error of a value that is no collection."""
    return ValidationError(NO_LIST, "invalid_list", {"value": _repr.repr(value)})


def no_member(value: Any) -> ValidationError:
    """Return the error of an item that can be no member of any choices."""
    return ValidationError(NO_MEMBER, "invalid_choice", {"value": _repr.repr(value)})


def no_choice(value: Any, choices: Choices) -> ValidationError:
    """Return the error of a value outside the choices, with the nearest one."""
    params = {"value": _shown(value), "nearest": _shown(choices.nearest(value))}
    text = NO_CHOICE if choices else NO_CHOICES
    return ValidationError(text, "invalid_choice", params)


def _shown(value: Any) -> str:
    value = value_of(value)
    return _repr.repr(value if isinstance(value, str | int | float) else str(value))


def check_selection(
    field: SelectionField[Any, Any], values: Collection[Any], kept: Iterable[Any]
) -> None:
    """Check that values are choices, or kept as they were, and how many they are.

    Raises:
        ValidationError: with a text for each of the first values that are none.
    """
    choices, kept = field.choice_set, list(kept)
    strangers = [each for each in values if each not in choices and each not in kept]
    if strangers:
        raise ValidationError([no_choice(each, choices) for each in strangers[:SHOWN]])
    check_number(len(values), field.min_choices, field.max_choices)


def check_number(count: int, least: int | None, most: int | None) -> None:
    """Check a number of members.

    Raises:
        ValidationError: there are too few or too many.
    """
    if least is not None and count < least:
        params = {"limit": least, "count": count}
        raise ValidationError(TOO_FEW, "min_choices", params)
    if most is not None and count > most:
        params = {"limit": most, "count": count}
        raise ValidationError(TOO_MANY, "max_choices", params)
