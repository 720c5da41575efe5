"""Make instances whose fields have the values that are easily got wrong."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db import models

__all__ = ["make_instances"]

DAYS = [
    "2023-02-28",
    "2024-02-29",
    "2024-03-31",
    "2024-01-31",
    "2025-12-31",
    "1999-01-01",
]
SAMPLES: list[tuple[Any, list[Any]]] = [
    (models.BooleanField, [True, False]),
    (models.DurationField, [datetime.timedelta(days) for days in (-1, 0, 1, 400)]),
    (
        models.DateTimeField,
        [datetime.datetime.fromisoformat(f"{day}T12:34:56.789+00:00") for day in DAYS],
    ),
    (models.DateField, [datetime.date.fromisoformat(day) for day in DAYS]),
    (models.DecimalField, [Decimal(text) for text in ("-7.5", "0", "0.1", "12.25")]),
    (models.FloatField, [-7.5, 0.0, 0.5, 1e6]),
    (models.IntegerField, [-7, -2, -1, 0, 1, 2, 3, 10, 100]),
    ((models.CharField, models.TextField), ["", "a", "Straße", "İ", "日本"]),
]


def make_instances(model: type[models.Model], count: int, seed: int) -> Iterator[Any]:
    """Yield unsaved instances with random combinations of such values.

    NULL is among them where the field allows it; other kinds of fields have their
    default.
    """
    chosen = random.Random(seed)  # noqa: S311 - no secret
    for _ in range(count):
        values = {}
        for field in model._meta.concrete_fields:
            samples = _samples_of(field)
            if samples and not field.primary_key:
                values[field.attname] = chosen.choice(samples)
        yield model(**values)


def _samples_of(field: Any) -> list[Any]:
    if field.is_relation or getattr(field, "generated", False):
        return []
    values: list[Any] = []
    if field.choices:
        values = [value for value, _ in field.flatchoices]
    else:
        values = next((v for kinds, v in SAMPLES if isinstance(field, kinds)), [])
    return [None, *values] if values and field.null else values
