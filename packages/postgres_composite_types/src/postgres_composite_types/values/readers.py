"""A member from the JSON that `to_json` makes of it, by the kind of its field."""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection as default_connection
from django.db.models import JSONField
from django.utils.dateparse import parse_datetime, parse_duration, parse_time

from postgres_composite_types.values.exact_json import dumps

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Field

__all__ = ["is_djangos", "reader"]

INTERVAL = re.compile(
    r"(?:(-?\d+) years? ?)?(?:([+-]?\d+) mons? ?)?(?:([+-]?\d+) days? ?)?"
    r"(?:([+-])?(\d+):(\d\d):(\d\d(?:\.\d+)?))?"
)
RANGE = re.compile(r'([\[(])("(?:[^"\\]|\\.|"")*"|[^,]*),(.*)([\])])', re.DOTALL)


def reader(field: Field[Any, Any]) -> Callable[[Any], Any] | None:
    """Return what makes a member of its JSON; None if it is the value already.

    A reader is given no None, unless the field has a `from_db_value` of its own.
    """
    convert = _reader(field)
    own = getattr(field, "from_db_value", None)
    if own is None or is_djangos(own):
        return convert
    if isinstance(field, JSONField):
        convert = dumps

    def read(value: Any) -> Any:
        if value is not None and convert is not None:
            value = convert(value)
        return own(value, None, default_connection)

    read.takes_none = True  # type: ignore[attr-defined]  # asked for by the codec
    return read


def is_djangos(method: Any) -> bool:
    """Return whether Django defines a method, not a project's field."""
    return str(method.__module__).startswith("django.")


def _reader(field: Any) -> Callable[[Any], Any] | None:
    if hasattr(field, "composite"):
        read: Callable[[Any], Any] = field.composite._from_json
        return read
    if isinstance(field, ArrayField):
        return partial(_read_array, reader(field.base_field))
    if isinstance(field, JSONField):
        return _plain_json if field.decoder is None else partial(_read_json, field)
    if hasattr(field, "range_type"):
        return partial(_read_range, field)
    return READERS.get(field.get_internal_type())


def _read_array(read: Callable[[Any], Any] | None, value: Any) -> Any:
    if not isinstance(value, list):
        return None if value is None else value if read is None else read(value)
    return [_read_array(read, item) for item in value]


def _read_json(field: JSONField, value: Any) -> Any:
    return json.loads(dumps(value), cls=field.decoder)


def _plain_json(value: Any) -> Any:
    """Return the value with floats, as the driver has them in a json column."""
    if isinstance(value, dict):
        return {key: _plain_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain_json(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value


def _read_datetime(text: str) -> datetime.datetime:
    value = parse_datetime(text)
    if value is None:
        message = f"{text} is no datetime"
        raise ValueError(message)
    return value if settings.USE_TZ else value.replace(tzinfo=None)


def _read_time(text: str) -> datetime.time:
    value = parse_time(text)
    if value is None:
        message = f"{text} is no time"
        raise ValueError(message)
    return value


def _read_duration(text: str) -> datetime.timedelta:
    match = INTERVAL.fullmatch(text)
    if match is None or not text:
        value = parse_duration(text)  # another IntervalStyle
        if value is None:
            message = f"{text} is no interval"
            raise ValueError(message)
        return value
    years, months, days, sign, hours, minutes, seconds = match.groups(default="0")
    clock = datetime.timedelta(
        hours=int(hours),
        minutes=int(minutes),
        microseconds=int(Decimal(seconds) * 10**6),
    )
    # As psycopg counts them: a year has 365 days, a month 30.
    total = int(years) * 365 + int(months) * 30 + int(days)
    return datetime.timedelta(days=total) + (-clock if sign == "-" else clock)


def _read_bytes(text: str) -> bytes:
    if text.startswith("\\x"):
        return bytes.fromhex(text[2:])
    # bytea_output = escape
    return re.sub(
        rb"\\(\\|\d{3})",
        lambda m: b"\\" if m[1] == b"\\" else bytes([int(m[1], 8)]),
        text.encode("ascii"),
    )


def _read_range(field: Any, text: str) -> Any:
    if text == "empty":
        return field.range_type(empty=True)
    match = RANGE.fullmatch(text)
    if match is None:
        message = f"{text} is no range"
        raise ValueError(message)
    opening, lower, upper, closing = match.groups()
    kind = field.base_field.get_internal_type()
    read = int if kind.endswith("IntegerField") else READERS[kind]
    bounds = [
        None if not bound else read(bound) for bound in map(_unquoted, (lower, upper))
    ]
    return field.range_type(*bounds, opening + closing)


def _unquoted(text: str) -> str:
    if text.startswith('"'):
        text = re.sub(r'\\(.)|""', lambda m: m[1] or '"', text[1:-1])
    return text


READERS: dict[str, Callable[[Any], Any]] = {
    "BinaryField": _read_bytes,
    "DateField": datetime.date.fromisoformat,
    "DateTimeField": _read_datetime,
    "DecimalField": Decimal,
    "DurationField": _read_duration,
    "FloatField": float,
    "TimeField": _read_time,
    "UUIDField": UUID,
}
