"""Defaults that are called for each object."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.exceptions import NeedsObjectError

__all__ = ["CalledDefault", "is_called"]

# Any in this module: fields, and values of any type.


def is_called(field: Any) -> bool:
    """Return whether a default may differ from one object to the next."""
    is_own = not field.get_default.__module__.startswith("django.")
    return is_own or (field.has_default() and callable(field.default))


class CalledDefault:
    """The values of a default."""

    def __init__(self, field: Any, connection: BaseDatabaseWrapper) -> None:
        self._field = field
        self._connection = connection
        self._is_known = self._has_asked = False

    def __call__(self) -> Any:
        """Return the next one.

        Raises:
            NeedsObjectError: the first asks the database, where no object is yet.
        """
        if self._is_known:
            return self._field.get_default()
        with self._connection.execute_wrapper(self._noted):
            value = self._field.get_default()
        if self._has_asked:
            message = f"the default of field {self._field.name} asks the database"
            raise NeedsObjectError(message)
        self._is_known = True
        return value

    def _noted(self, execute: Any, *arguments: Any) -> Any:
        self._has_asked = True
        return execute(*arguments)
