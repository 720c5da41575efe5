"""Operators of SQL whose Python namesakes give other results."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

__all__ = ["all_true", "any_true", "divide_integers", "first_value", "remainder"]


def divide_integers(left: int, right: int) -> int:
    """Divide towards zero, as SQL does: -7 / 2 is -3, where Python's -7 // 2 is -4."""
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def remainder(left: int, right: int) -> int:
    """Return the remainder with the sign of `left`, as SQL does: -7 % 2 is -1."""
    return left - right * divide_integers(left, right)


def all_true(*values: bool | None) -> bool | None:
    """AND of three-valued logic: NULL unless one is false or all are true."""
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True


def any_true(*values: bool | None) -> bool | None:
    """OR of three-valued logic: NULL unless one is true or all are false."""
    if any(value is True for value in values):
        return True
    return None if any(value is None for value in values) else False


def first_value(*values: Any) -> Any:
    """Return the first value that is not None, as COALESCE does."""
    return next((value for value in values if value is not None), None)


def in_utc(moment: datetime.datetime) -> datetime.datetime:
    """Return the same moment by the clock of UTC; a naive one stays as it is."""
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(datetime.timezone.utc)


def follow(instance: Any, name: str) -> Any:
    """Return the row that a foreign key leads to; None if there is none yet."""
    if instance is None:
        return None
    try:
        return getattr(instance, name)
    except ObjectDoesNotExist:
        return None
