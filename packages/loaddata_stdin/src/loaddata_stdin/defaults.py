"""Defaults that are called for each object."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.cells import Slow
from loaddata_stdin.exceptions import NeedsObjectError

__all__ = ["CalledDefault"]

# Any in this module: fields, and values of any type.


class CalledDefault:
    """The cells of a default."""

    def __init__(self, field: Any, slow: Slow, connection: BaseDatabaseWrapper) -> None:
        self._field = field
        self._slow = slow
        self._connection = connection
        self._is_known = self._has_asked = False

    def __call__(self) -> Any:
        """Return the next cell.

        Raises:
            NeedsObjectError: the first asks the database, where no object is yet.
        """
        if self._is_known:
            return self._slow.own(self._field.get_default())
        with self._connection.execute_wrapper(self._noted):
            value = self._field.get_default()
        if self._has_asked:
            message = f"the default of field {self._field.name} asks the database"
            raise NeedsObjectError(message)
        self._is_known = True
        return self._slow.own(value)

    def _noted(self, execute: Any, *arguments: Any) -> Any:
        self._has_asked = True
        return execute(*arguments)
