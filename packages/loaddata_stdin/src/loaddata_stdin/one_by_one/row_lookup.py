"""Look for the row of an object: the query is compiled once for a model."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models

__all__ = ["Look", "look_of"]

# Any in this module: values of fields.


class Look:
    """Finds the row with a primary key in the table of a model.

    Of a child whose parent is there the own table may hold nothing.
    """

    def __init__(self, model: type[models.Model], using: str) -> None:
        model = model._meta.concrete_model or model  # A proxy has no fields.
        self._key: Any = model._meta.pk
        self._using = using
        self._names = [field.attname for field in model._meta.local_concrete_fields]
        # Not the manager's, which may leave rows out.
        rows: Any = models.QuerySet(model=model, using=using)
        self._rows = rows.order_by().values_list(*self._names)
        self._sql = ""

    def values(self, key: Any) -> dict[str, Any] | None:
        """Return the values of the row by field; None: there is none."""
        connection: Any = connections[self._using]
        if self._key.get_internal_type() == "CompositePrimaryKey":
            found = self._rows.filter(pk=key).first()
            return None if found is None else dict(zip(self._names, found, strict=True))
        if not self._sql:
            compiler = self._rows.filter(pk=key).query.get_compiler(self._using)
            try:
                self._sql, _ = compiler.as_sql()
            except EmptyResultSet:  # No column holds a number as large as this.
                return None
            columns = [expression for expression, _, _ in compiler.select]
            self._converters = compiler.get_converters(columns)
            self._compiler = compiler
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [self._key.get_db_prep_value(key, connection)])
            row = cursor.fetchone()
        if row is None:
            return None
        [found] = self._compiler.apply_converters([row], self._converters)
        return dict(zip(self._names, found, strict=True))


@lru_cache(256)
def look_of(model: type[models.Model], using: str) -> Look:
    """Return the compiled look for the rows of a model."""
    return Look(model, using)
