"""Tell whether a database takes a value, without a message that would show it."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import validate_ipv46_address
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

__all__ = ["aware", "flaw"]

# Any in this module: fields, and values of any type.

_is_limited = re.compile(r"\w*char\w*\((\d+)\)", re.IGNORECASE).fullmatch


def flaw(field: Any, value: Any, connection: BaseDatabaseWrapper) -> str | None:
    """Return what is wrong with a value for a field's column; None: nothing.

    Args:
        field: of a model, perhaps a relation.
        value: as a fixture has it, not the field's own yet.
        connection: of the database that is to take it.
    """
    if connection.vendor == "postgresql" and any(
        "\0" in text for text in _texts(value)
    ):
        return "a text with a NUL character"
    if any(map(_is_broken, _texts(value))):
        return "a text with half a character"
    if not field.is_relation:
        return _flaw_of_value(field, value, connection)
    keys = value if field.many_to_many and isinstance(value, list) else [value]
    target = getattr(field, "target_field", None) or field.remote_field.model._meta.pk
    # The parts of a natural key are for a lookup: they are sent as parameters.
    flaws = (flaw(target, key, connection) for key in keys if not isinstance(key, list))
    return next(filter(None, flaws), None)


def aware(field: Any, value: Any) -> Any:
    """Return a value of which Django has no warning to give: that would show it."""
    if not isinstance(field, models.DateTimeField):
        return value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        moment: Any = field.to_python(value)
    is_naive = moment is not None and timezone.is_naive(moment)
    return timezone.make_aware(moment) if settings.USE_TZ and is_naive else moment


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from map(str, value)
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)


def _is_broken(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _flaw_of_value(
    field: Any, value: Any, connection: BaseDatabaseWrapper
) -> str | None:
    kind = f"no value of a {type(field).__name__}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            own = field.to_python(value)
            if own is None:
                return None
            prepared = field.get_db_prep_save(own, connection=connection)
        if isinstance(field, models.GenericIPAddressField):
            validate_ipv46_address(own)
        return (
            _flaw_of_text(field, prepared, connection)
            or _flaw_of_integer(field, own, connection)
            or _flaw_of_decimal(field, own)
        )
    except Exception:  # noqa: BLE001  # Fields raise anything, and show the value.
        return kind


def _flaw_of_text(
    field: Any, value: Any, connection: BaseDatabaseWrapper
) -> str | None:
    # SQLite takes a text of any length.
    if not isinstance(value, str) or connection.vendor == "sqlite":
        return None
    # Not `max_length`: a UUIDField has one, and PostgreSQL's type has none.
    limited = _is_limited(field.db_type(connection) or "")
    if limited and len(value) > int(limited[1]):
        return f"longer than {limited[1]} characters"
    return None


def _flaw_of_integer(
    field: Any, value: Any, connection: BaseDatabaseWrapper
) -> str | None:
    if not isinstance(field, models.IntegerField):
        return None
    limits: Any = connection.ops.integer_field_range(field.get_internal_type())
    low, high = limits  # None: none
    if (low is not None and value < low) or (high is not None and value > high):
        return f"not between {low} and {high}"
    return None


def _flaw_of_decimal(field: Any, value: Any) -> str | None:
    if not isinstance(field, models.DecimalField):
        return None
    digits: Any = field.max_digits  # None: any number of them
    places: Any = field.decimal_places
    if digits is None or places is None:
        return None
    whole = digits - places
    if abs(round(Decimal(value), places)) >= Decimal(10) ** whole:
        return f"too large: it may have {whole} digits before the point"
    return None
