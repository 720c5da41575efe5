"""A member to the JSON that `json_populate_record` takes, by the kind of its field.

What JSON has no form for travels as the text of its PostgreSQL type.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from json.encoder import encode_basestring_ascii as quoted
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection as default_connection
from django.db.backends.postgresql.psycopg_any import RANGE_TYPES
from django.db.models import Field, JSONField, Value

from postgres_composite_types.values.exact_json import JSON_NULL_TOKEN
from postgres_composite_types.values.readers import is_djangos

__all__ = ["fast_path", "writer"]

Writer = Callable[[Any], str]


def writer(field: Field[Any, Any]) -> Writer:
    """Return what makes JSON text of a member's value.

    The field prepares the value first, as it does for a column of its own, so wrong
    values raise what they raise there.
    """
    if not is_djangos(type(field).get_db_prep_value) and not hasattr(
        field, "composite"
    ):
        return partial(_write_prepared, field)
    if hasattr(field, "composite"):
        return partial(_write_composite, field)
    if isinstance(field, ArrayField):
        return partial(_write_array, writer(field.base_field))
    if isinstance(field, JSONField):
        return partial(_write_json, field)
    return partial(_write_plain, field)


def fast_path(field: Field[Any, Any]) -> tuple[type, str] | None:
    """Return the class of values that need no preparing, and the code to write one.

    Only for fields whose preparing is Django's: it changes nothing in such values.
    """
    kind = FAST_PATHS.get(field.get_internal_type())
    methods = type(field).get_prep_value, type(field).get_db_prep_value
    return kind if all(map(is_djangos, methods)) else None


FAST_PATHS: dict[str, tuple[type, str]] = {
    "CharField": (str, "quoted({})"),
    "TextField": (str, "quoted({})"),
    "BooleanField": (bool, "('true' if {} else 'false')"),
    "IntegerField": (int, "repr({})"),
    "BigIntegerField": (int, "repr({})"),
    "SmallIntegerField": (int, "repr({})"),
    "PositiveIntegerField": (int, "repr({})"),
    "PositiveBigIntegerField": (int, "repr({})"),
    "PositiveSmallIntegerField": (int, "repr({})"),
    "DateField": (datetime.date, "'\"' + {}.isoformat() + '\"'"),
    "UUIDField": (UUID, "'\"' + str({}) + '\"'"),
}


def _write_prepared(field: Field[Any, Any], value: Any) -> str:
    prepared = field.get_db_prep_value(value, default_connection)
    # The driver's adapters hold the value: psycopg 3's Jsonb and psycopg2's Json.
    for attribute in ("obj", "adapted"):
        prepared = getattr(prepared, attribute, prepared)
    return json.dumps(prepared, default=_text, allow_nan=False)


def _write_composite(field: Any, value: Any) -> str:
    value = field.get_prep_value(value)
    return "null" if value is None else value._meta.codec.encode(value)


def _write_array(write: Writer, value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_write_array(write, item) for item in value)}]"
    return write(value)


def _write_json(field: JSONField, value: Any) -> str:
    if isinstance(value, Value) and value.value is None:
        return quoted(JSON_NULL_TOKEN)
    if value is None:
        return "null"
    return json.dumps(value, cls=field.encoder, allow_nan=False)


def _write_plain(field: Field[Any, Any], value: Any) -> str:
    value = field.get_prep_value(value)
    if isinstance(value, float) and value - value != 0:
        return quoted(str(value))
    return json.dumps(value, default=_text)


def _text(value: Any) -> Any:
    """Return the text of a value in PostgreSQL's input syntax."""
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return f"\\x{bytes(value).hex()}"
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return f"{value.days} days {value.seconds}.{value.microseconds:06} seconds"
    if isinstance(value, RANGE_TYPES):
        return _range_text(value)
    return DjangoJSONEncoder().default(value)  # lazy texts, or its TypeError


def _range_text(value: Any) -> str:
    if value.isempty:
        return "empty"
    lower, upper = (
        "" if bound is None else f'"{_bound_text(bound)}"'
        for bound in (value.lower, value.upper)
    )
    return f"{'[' if value.lower_inc else '('}{lower},{upper}{']' if value.upper_inc else ')'}"


def _bound_text(value: Any) -> Any:
    return _text(value) if isinstance(value, datetime.date | Decimal) else value
