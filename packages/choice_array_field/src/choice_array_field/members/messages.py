"""Validation errors, with Django's own texts and codes wherever it has one.

Whoever gives other texts as `error_messages` gets these and no suggestion.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from reprlib import Repr
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import Field
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from choice_array_field.members.choices import value_of

if TYPE_CHECKING:
    from choice_array_field.members.selection import SelectionField

__all__ = [
    "INVALID_CHOICE",
    "NEAREST",
    "SHOWN",
    "TOO_FEW",
    "TOO_MANY",
    "check_number",
    "check_selection",
    "no_choice",
    "shortened",
]

SHOWN = 5  # bad values that are named: a request may hold thousands
_repr = Repr()
_repr.maxstring = _repr.maxother = 60

INVALID_CHOICE = Field.default_error_messages["invalid_choice"]
NEAREST = _("Did you mean “%(nearest)s”?")
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


def shortened(value: Any) -> Any:
    """Return a value as a message may show it, in 60 characters at most."""
    value = value_of(value)
    if isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else str(value)
    # As Repr shortens: the beginning, dots and the end.
    return _repr.repr(text)[1:-1] if len(text) > _repr.maxstring else text


def no_choice(
    value: Any, text: Any = INVALID_CHOICE, nearest: Any = None
) -> ValidationError:
    """Return the error of a value outside the choices.

    Args:
        value: is shown shortened, as `%(value)s` or `%(value)r`.
        text: the message.
        nearest: a choice that may have been meant, as the reader knows it.
    """
    params = {"value": shortened(value)}
    if nearest is not None:
        text = format_lazy("{} {}", text, NEAREST)
        params["nearest"] = nearest
    return ValidationError(text, "invalid_choice", params)


def check_selection(
    field: SelectionField[Any, Any], values: Collection[Any], kept: Iterable[Any]
) -> None:
    """Check that values are choices, or kept as they were, and how many they are.

    Raises:
        ValidationError: with a text for each of the first values that are not.
    """
    choices, kept = field.choice_set, list(kept)
    strangers = [each for each in values if each not in choices and each not in kept]
    if strangers:
        text = field.error_messages["invalid_choice"]
        suggests = text == INVALID_CHOICE
        raise ValidationError(
            [
                no_choice(each, text, choices.nearest(each) if suggests else None)
                for each in strangers[:SHOWN]
            ]
        )
    check_number(field, len(values), field.error_messages)


def check_number(
    field: SelectionField[Any, Any], count: int, texts: dict[str, Any]
) -> None:
    """Check the number of members of a selection.

    Args:
        field: has the limits.
        count: the number.
        texts: the messages, by `min_choices` and `max_choices`.

    Raises:
        ValidationError: there are too few or too many.
    """
    least, most = field.min_choices, field.max_choices
    if least is not None and count < least:
        params = {"limit": least, "count": count}
        raise ValidationError(texts["min_choices"], "min_choices", params)
    if most is not None and count > most:
        params = {"limit": most, "count": count}
        raise ValidationError(texts["max_choices"], "max_choices", params)
