"""System checks of a field: what cannot work is said before a row is written."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connections, models, router
from django.utils.choices import flatten_choices

from choice_array_field.members.choices import is_value_enum, value_of

if TYPE_CHECKING:
    from choice_array_field.column.fields import ChoiceArrayField

__all__ = ["check_field"]


def check_field(field: ChoiceArrayField[Any, Any], **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with a field's declaration."""
    found = [
        *_check_choices(field),
        *_check_values(field),
        *_check_default(field),
        *_check_numbers(field),
        *_check_connections(field, kwargs.get("databases") or ()),
    ]
    return list(found)


def _error(field: Any, number: int, text: str, hint: str) -> CheckMessage:
    return Error(text, hint, obj=field, id=f"choice_array_field.E{number:03}")


def _check_choices(field: ChoiceArrayField[Any, Any]) -> Iterator[CheckMessage]:
    if field.has_callable_choices:
        if field.enforce:
            text = "Callable choices cannot be in a CHECK of the database."
            hint = "Set enforce=False, or give the choices themselves."
            yield _error(field, 3, text, hint)
    elif _is_plain_enum(field):
        text = "A plain enum.Enum has no labels, and members that are not their values."
        yield _error(field, 2, text, "Derive it from TextChoices or IntegerChoices.")
    elif any(isinstance(value_of(m), tuple) for m in field.choice_set.enum or ()):
        text = "The enum's members are tuples, as it mixes in no type."
        hint = "Name their type: class Price(Decimal, models.Choices)."
        yield _error(field, 2, text, hint)
    elif not field.choice_set:
        hint = "Give it an enum such as TextChoices, or a base field with choices."
        yield _error(field, 1, "ChoiceArrayField has no choices.", hint)


def _is_plain_enum(field: ChoiceArrayField[Any, Any]) -> bool:
    choices: Any = field.base_field.choices
    sources = [field.source, choices]
    if isinstance(choices, list | tuple) and field.choice_set:
        sources += [type(value) for value, _ in flatten_choices(choices)]
    return any(
        isinstance(source, type)
        and issubclass(source, enum.Enum)
        and not is_value_enum(source)
        for source in sources
    )


def _check_values(field: ChoiceArrayField[Any, Any]) -> Iterator[CheckMessage]:
    """Find choices that the column cannot hold; too long ones are Django's E009."""
    if field.has_callable_choices or any(field.base_field.check()):
        return
    for value in field.choice_set.values:
        reason = _misfit(field.base_field, value)
        if reason:
            text = f"Choice {value!r} does not fit: {reason}"
            hint = "Change the choice, or the options of the base field."
            yield _error(field, 7, text, hint)


def _misfit(base_field: Any, value: Any) -> str:
    try:
        base_field.run_validators(base_field.to_python(value))
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def _check_default(field: ChoiceArrayField[Any, Any]) -> Iterator[CheckMessage]:
    if field.has_callable_choices:
        return
    for option in ("default", "db_default"):
        default = getattr(field, option)
        if default in (None, models.NOT_PROVIDED):
            continue
        try:
            value = default() if callable(default) else default
        except DatabaseError:  # a check asks no database
            continue
        if hasattr(value, "resolve_expression"):
            continue
        strangers = (
            [each for each in value if each not in field.choice_set]
            if field.is_selection(value)
            else [value]
        )
        if value is not None and strangers:
            text = f"{option} {value_of(strangers[0])!r} is not in the choices."
            hint = f"Give a list of choices: {field.choice_set.values[:5]!r}"
            yield _error(field, 4, text, hint)


def _check_numbers(field: ChoiceArrayField[Any, Any]) -> Iterator[CheckMessage]:
    least, most = field.min_choices, field.max_choices
    for name, number in (("min_choices", least), ("max_choices", most)):
        if number is not None and number < 0:
            yield _error(field, 6, f"{name} is {number}.", "Give a number from 0.")
    if least is not None and most is not None and least > most:
        text = f"min_choices {least} is more than max_choices {most}."
        yield _error(field, 6, text, "Exchange them.")
    is_known = field.choice_set if not field.has_callable_choices else None
    if is_known and least is not None and least > len(is_known):
        text = f"min_choices {least} is more than the {len(is_known)} choices."
        yield _error(field, 6, text, "Lower it, or add choices.")


def _check_connections(
    field: ChoiceArrayField[Any, Any], databases: Any
) -> Iterator[Any]:
    for alias in databases:
        vendor = connections[alias].vendor
        if vendor != "postgresql" and router.allow_migrate_model(alias, field.model):
            text = f"Arrays need PostgreSQL; the database {alias!r} is {vendor}."
            hint = "Change ENGINE in DATABASES, or route the model elsewhere."
            yield _error(field, 5, text, hint)
