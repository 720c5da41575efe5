"""How the index holds each kind of value, so that it compares as in SQL.

Elasticsearch's date has milliseconds, its double 53 bits, and it has no kind for a
duration; a 64-bit integer holds each of them exactly.
"""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models

__all__ = ["LONG_MAX", "LONG_MIN", "Codec", "find_codec", "find_decoder"]

LONG_MIN, LONG_MAX = -(2**63), 2**63 - 1
MAX_DIGITS = 18  # of a decimal that a 64-bit integer holds
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)


@dataclass(frozen=True)
class Codec:
    """A kind of value in the index.

    Attributes:
        type: of Elasticsearch.
        encode: gives the value of a document or a condition.
        decode: gives the Python value of a facet's key.
    """

    type: str
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def find_codec(field: models.Field[Any, Any]) -> Codec | None:
    """Return the codec for the kind of a field; None if no index can hold it."""
    if isinstance(field, models.DecimalField):
        return _decimal_codec(field)
    for kinds, codec in CODECS:
        if isinstance(field, kinds):
            return codec
    return None


def find_decoder(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """Return what makes a Python value of a facet's key, if the mapping is modelsearch's."""
    if isinstance(field, models.BooleanField):
        return bool
    if isinstance(field, models.DateTimeField):
        return _decode_milliseconds
    if isinstance(field, models.DateField):
        return _decode_day
    if isinstance(field, (models.DecimalField, models.TimeField, models.UUIDField)):
        return lambda key: field.to_python(str(key))
    return _keep


def _keep(value: Any) -> Any:
    return value


def _encode_moment(value: datetime.datetime) -> int:
    if value.tzinfo is None:
        value = value.replace(tzinfo=datetime.timezone.utc)
    return (value - EPOCH) // MICROSECOND


def _decode_moment(key: int) -> datetime.datetime:
    return EPOCH + key * MICROSECOND


def _decode_milliseconds(key: int) -> datetime.datetime:
    return EPOCH + datetime.timedelta(milliseconds=key)


def _decode_day(key: int) -> datetime.date:
    return _decode_milliseconds(key).date()


def _encode_duration(value: datetime.timedelta) -> int:
    return value // MICROSECOND


def _decode_duration(key: int) -> datetime.timedelta:
    return key * MICROSECOND


def _decimal_codec(field: models.DecimalField[Any, Any]) -> Codec | None:
    places = field.decimal_places
    if field.max_digits > MAX_DIGITS:
        return None

    def encode(value: Any) -> int:
        return int(Decimal(value).scaleb(places).to_integral_value())

    def decode(key: int) -> Decimal:
        return Decimal(key).scaleb(-places)

    return Codec("long", encode, decode)


# A BooleanField and an IntegerField are unrelated classes; a DateTimeField is a DateField.
CODECS: list[tuple[Any, Codec]] = [
    (models.BooleanField, Codec("boolean", _keep, bool)),
    (models.DurationField, Codec("long", _encode_duration, _decode_duration)),
    (models.DateTimeField, Codec("long", _encode_moment, _decode_moment)),
    (models.DateField, Codec("date", datetime.date.isoformat, _decode_day)),
    (
        models.TimeField,
        Codec("keyword", datetime.time.isoformat, datetime.time.fromisoformat),
    ),
    (models.FloatField, Codec("double", _keep, float)),
    (models.IntegerField, Codec("long", _keep, int)),
    (models.UUIDField, Codec("keyword", str, uuid.UUID)),
    (
        (models.CharField, models.TextField, models.GenericIPAddressField),
        Codec("keyword", _keep, _keep),
    ),
]
