"""Save objects one by one, as Django does."""

from __future__ import annotations

from collections import deque
from typing import Any

from django.core.serializers.python import Deserializer
from django.db import DatabaseError, models

from loaddata_stdin.exceptions import ObjectIntegrityError, ObjectValueError
from loaddata_stdin.objects import FixtureObject
from loaddata_stdin.stage import explained
from loaddata_stdin.typed import typed

__all__ = ["OneByOne"]


class OneByOne:
    """Django's deserialiser, and the objects that wait for others there."""

    def __init__(self, using: str, *, is_lenient: bool) -> None:
        """Take the alias of the database, and whether unknown fields are left out."""
        self._using = using
        self._is_lenient = is_lenient
        self._deferred: deque[tuple[str, Any]] = deque()  # Any: Django's has no types

    def save(self, model: type[models.Model], item: FixtureObject) -> None:
        """Save an object.

        Raises:
            ObjectLoadError: it cannot be saved.
        """
        try:
            for made in Deserializer(
                [typed(model, item)],
                using=self._using,
                ignorenonexistent=self._is_lenient,
                handle_forward_references=True,
            ):
                made.save(using=self._using)
                if made.deferred_fields:
                    self._deferred.append((str(item), made))
        except Exception as error:  # Fields and receivers raise anything.
            raise _refusal(str(item), error) from error

    def finish(self) -> None:
        """Save what waited for others.

        Raises:
            ObjectLoadError: they are not there.
        """
        while self._deferred:
            place, made = self._deferred.popleft()
            try:
                made.save_deferred_fields(using=self._using)
            except Exception as error:  # Fields and receivers raise anything.
                raise _refusal(place, error) from error


def _refusal(place: str, error: Exception) -> Exception:
    kind = (
        ObjectIntegrityError if isinstance(error, DatabaseError) else ObjectValueError
    )
    return kind(f"{place}: {explained(error)}")
