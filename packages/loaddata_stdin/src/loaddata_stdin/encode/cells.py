"""Values of fields as cells of a staging table: text for COPY, or parameters.

What a pattern proves to mean the same to PostgreSQL as to the field goes through as it
is; everything else takes the field's own way, `to_python` and `get_db_prep_save`.
"""

from __future__ import annotations

import datetime
import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState

from loaddata_stdin.exceptions import FieldValueError, NeedsObjectError
from loaddata_stdin.model.field_kinds import PLACEHOLDERS, PLAIN, kind_of
from loaddata_stdin.model.field_values import value_for

try:
    from psycopg import Binary
    from psycopg.adapt import PyFormat, Transformer
except ImportError:  # psycopg2, or another database
    Binary = Transformer = None  # type: ignore[assignment, misc]  # there is none

__all__ = ["NULL", "Dialect", "Slow", "dialect"]

# Any in this module: fields, and values of any type.

NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
# Casts say nothing that the column does not.
_is_parameter = re.compile(r'%s(::[\w ."(),\[\]]+)?').fullmatch
_DATE = r"(?!0000)\d{4}-\d\d-\d\d"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?"


def _full(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern, re.ASCII).fullmatch


class Dialect:
    """What a database takes as cells.

    Attributes:
        null: the cell of None.
        fast: an expression of `v` per kind; {slow} is called where it does not apply.
        names: what the expressions use.
    """

    null: Any = None
    names: Mapping[str, Any] = {
        # What has to be escaped, or is no text to a database.
        "special": re.compile("[\\\\\t\n\r\0\ud800-\udfff]").search
    }
    fast: Mapping[str, str] = {
        "text": "{v} if ({v} := {value}).__class__ is str else {slow}({v})",
        "integer": "{v} if ({v} := {value}).__class__ is int else {slow}({v})",
        "float": "{v} if ({v} := {value}).__class__ is float else {slow}({v})",
    }

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    def kind(self, field: Any) -> str | None:
        """Return the kind of a field whose values need no conversion."""
        kind = kind_of(field)
        return kind if kind in self.fast else None

    def cell(self, field: Any, value: Any) -> Any:
        """Return the cell of a value that is the field's own."""
        if not any(hasattr(field, name) for name in PLACEHOLDERS):
            prepared = field.get_db_prep_save(value, connection=self.connection)
            if not hasattr(prepared, "as_sql"):
                return self.prepared(prepared)
            value = prepared
        sql, params = self._compiled(field, value)
        if _is_parameter(sql):
            return self.prepared(params[0])
        return self.prepared(self.asked(sql, params))

    def prepared(self, value: Any) -> Any:
        """Return the cell of a parameter."""
        return value

    def asked(self, sql: str, params: Sequence[Any]) -> Any:
        """Return what the database makes of an expression."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT {sql}", params)
            [(found,)] = cursor.fetchall()
        return found

    def _compiled(self, field: Any, value: Any) -> tuple[str, Sequence[Any]]:
        """Return the SQL of a value in an INSERT, and its parameters."""
        if not hasattr(value, "as_sql"):
            value = models.Value(value, output_field=field)
        query = models.QuerySet(model=field.model, using=self.connection.alias).query
        compiler = query.get_compiler(connection=self.connection)
        compiled: tuple[str, Sequence[Any]] = compiler.compile(
            value.resolve_expression(query, for_save=True)
        )
        return compiled

    def text(self, value: str) -> str:
        """Return the cell of a text that is not for a field."""
        return value

    def expression(self, kind: str | None, **names: str) -> str:
        """Return an expression of the cell of `value`, kept in the variable `v`."""
        template = self.fast[kind] if kind else "{slow}({value})"
        return "(" + template.format(**names) + ")"


class CopyDialect(Dialect):
    """The text format of PostgreSQL's COPY."""

    null = NULL
    _transformer: Any = None
    names: Mapping[str, Any] = {
        **Dialect.names,
        "TRUE": "t",
        "FALSE": "f",
        "is_date": _full(_DATE),
        "is_datetime": _full(rf"{_DATE}T{_TIME}(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)"),
        "is_decimal": _full(r"-?\d{1,100}(?:\.\d{1,100})?"),
        "is_uuid": _full(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        "is_integer": _full(r"-?(?:0|[1-9]\d{0,17})"),
    }
    fast: Mapping[str, str] = {
        "text": "{v} if ({v} := {value}).__class__ is str and not special({v}) else {slow}({v})",
        "integer": "{v} if ({v} := {value}).__class__ is int or {v}.__class__ is str"
        " and is_integer({v}) else {slow}({v})",
        "boolean": "TRUE if ({v} := {value}) is True else FALSE if {v} is False else {slow}({v})",
        "float": "{v} if ({v} := {value}).__class__ is float else {slow}({v})",
        "json": "{slow}({value})",
        **{
            kind: f"{{v}} if ({{v}} := {{value}}).__class__ is str and is_{kind}({{v}})"
            " else {slow}({v})"
            for kind in ("date", "datetime", "decimal", "uuid")
        },
    }

    def text(self, value: str) -> str:
        if "\0" in value:
            message = "PostgreSQL text fields cannot contain NUL (0x00) bytes"
            raise ValueError(message)
        value.encode()  # A lone surrogate is no text.
        return value.translate(_ESCAPES)

    def prepared(self, value: Any) -> Any:
        if value is None:
            return NULL
        convert = _TEXTS.get(value.__class__)
        text = convert(value) if convert else self._dumped(value)
        return NULL if text is None else self.text(text)

    def asked(self, sql: str, params: Sequence[Any]) -> Any:
        return super().asked(f"CAST({sql} AS text)", params)

    def _dumped(self, value: Any) -> str | None:
        """Return the text that the driver sends of a value."""
        if not Transformer:
            # psycopg2 writes SQL: only the server knows what it means.
            text: str | None = self.asked("%s", [value])
            return text
        if self._transformer is None:
            self.connection.ensure_connection()
            self._transformer = Transformer(self.connection.connection)
        dumped = self._transformer.get_dumper(value, PyFormat.TEXT).dump(value)
        return None if dumped is None else bytes(dumped).decode()


class ParameterDialect(Dialect):
    """Parameters of prepared statements, as SQLite takes them."""

    fast: Mapping[str, str] = {
        **Dialect.fast,
        "boolean": "int({v}) if ({v} := {value}).__class__ is bool else {slow}({v})",
    }

    def prepared(self, value: Any) -> Any:
        # Its adapters are the driver's; a subclass of str (SafeString) has none.
        return str(value) if isinstance(value, str) else value


def dialect(connection: BaseDatabaseWrapper) -> Dialect:
    """Return what the connection's database takes."""
    kinds = {"postgresql": CopyDialect, "sqlite": ParameterDialect}
    return kinds[connection.vendor](connection)


def _interval(value: datetime.timedelta) -> str:
    # In ISO 8601 no IntervalStyle of a session gives one part the sign of another.
    return f"P{value.days}DT{value.seconds}.{value.microseconds:06}S"


_TEXTS: dict[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda value: "t" if value else "f",
    int: str,
    float: repr,
    Decimal: str,
    datetime.date: str,
    datetime.datetime: datetime.datetime.isoformat,
    datetime.time: str,
    datetime.timedelta: _interval,
    uuid.UUID: str,
    bytes: lambda value: "\\x" + value.hex(),
    memoryview: lambda value: "\\x" + value.hex(),
}
if Binary is not None:
    # The driver would escape it for a string of SQL, as the session has these.
    _TEXTS[Binary] = lambda value: "\\x" + memoryview(value.obj).hex()


class Slow:
    """The field's own way from a value of a fixture to a cell."""

    def __init__(self, field: Any, to: Dialect, format_name: str) -> None:
        self._field = field
        self._dialect = to
        self._format = format_name
        self._is_json = to.kind(field) == "json" and not field.encoder
        descriptor = getattr(field.model, field.attname, None)
        self._has_descriptor = descriptor.__class__ not in PLAIN
        is_known = field.__class__.__module__.startswith("django.")
        self._skips_null = is_known and not self._has_descriptor
        self._holder: Any = None

    def __call__(self, value: Any) -> Any:
        """Return the cell of a value of a fixture.

        Raises:
            FieldValueError: the field does not take it.
        """
        if value is None and self._skips_null:
            return self._dialect.null
        try:
            value = value_for(self._field, value, self._format)
            if self._is_json and value is not None:
                return self._dialect.text(json.dumps(value))
            return self.own(self._field.to_python(value))
        except NeedsObjectError:
            raise
        except Exception as error:  # Fields raise anything.
            raise FieldValueError(self._field.name, value, error) from error

    def own(self, value: Any) -> Any:
        """Return the cell of a value that is the field's own."""
        field = self._field
        if self._has_descriptor:
            value = self._held(value)
        return self._dialect.cell(field, value)

    def _held(self, value: Any) -> Any:
        """Return what an object makes of a value that is set on it."""
        name = self._field.attname
        if self._holder is None:
            # Not by a call: the defaults of other fields may ask the database.
            self._holder = self._field.model.__new__(self._field.model)
            self._holder._state = ModelState()
            fields = self._field.model._meta.concrete_fields
            self._others = [each for each in fields if each is not self._field]
        holder = self._holder
        # A file's descriptor reads the file where another one was before.
        holder.__dict__.pop(name, None)
        try:
            setattr(holder, name, value)
            held = getattr(holder, name)
        except (KeyError, AttributeError, ObjectDoesNotExist) as error:
            raise NeedsObjectError(self._looks_at_others()) from error
        if any(field.attname in holder.__dict__ for field in self._others):
            raise NeedsObjectError(self._looks_at_others())
        return held

    def _looks_at_others(self) -> str:
        return f"field {self._field.name} goes together with other fields"
