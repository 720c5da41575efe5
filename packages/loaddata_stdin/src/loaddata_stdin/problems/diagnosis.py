"""What a database says when it refuses an object: the fields, and one line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.db import (
    DatabaseError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    models,
)

__all__ = ["Diagnosis", "first_line", "withheld"]

# Any in this module: fields, and the diagnostics of a driver.

_WORDS = {
    "23502": "null value violates not-null constraint",
    "23503": "foreign key constraint does not hold",
    "23505": "duplicate key value violates unique constraint",
    "23514": "check constraint does not hold",
    "23P01": "exclusion constraint does not hold",
}
# Their DETAIL names keys. That of others shows the whole row.
_WITH_KEY = {"23503", "23505", "23P01"}
_KEY = re.compile(r"\((.+?)\)=\(")
_COPY_LINE = re.compile(r"^COPY \S+, line (\d+)(?:, column ([^:]+))?", re.MULTILINE)
_SQLITE = re.compile(
    r"(UNIQUE|CHECK|NOT NULL|FOREIGN KEY) constraint failed(?:: (.*))?"
)
_STATES = {"UNIQUE": "23505", "CHECK": "23514", "NOT NULL": "23502"}


def first_line(error: BaseException) -> str:
    """Return what an exception says, in one line, without what PostgreSQL adds."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def withheld(error: BaseException, state: str = "") -> str:
    """Return what can be said where the message may show a secret."""
    name = f"{type(error).__name__}{state and f', SQLSTATE {state}'}"
    return (
        f"it is refused ({name}); the message may show a value of the environment, so"
        " it is left out"
    )


class Diagnosis:
    """What PostgreSQL or SQLite says, whichever driver tells it.

    Attributes:
        state: the SQLSTATE; empty where there is none.
        constraint: its name; empty where there is none.
        is_of_object: whether it is about the objects, not about the database.
    """

    def __init__(self, error: DatabaseError) -> None:
        """Take an error as Django raises it."""
        self._error = error
        self._diagnostics: Any = getattr(error.__cause__, "diag", None)
        self._sqlite = _SQLITE.fullmatch(str(error))
        self.constraint = self._told("constraint_name")
        self.state = self._told("sqlstate")
        if self._sqlite:
            kind, names = self._sqlite.groups()
            self.state = _STATES.get(kind, "23503")
            self.constraint = names or "" if kind == "CHECK" else ""
        self.is_of_object = not isinstance(
            error, (OperationalError, InterfaceError, NotSupportedError)
        )

    def _told(self, name: str) -> str:
        return getattr(self._diagnostics, name, None) or ""

    @property
    def copied(self) -> tuple[int, str] | None:
        """Return the row from 1, and the column, that COPY stopped at."""
        match = _COPY_LINE.search(self._told("context"))
        return (int(match[1]), match[2] or "") if match else None

    def text(self, *, is_secret: bool) -> str:
        """Return one line.

        Args:
            is_secret: whether its values must not be shown; then these are our words.
        """
        if is_secret:
            words = _WORDS.get(self.state)
            if not words or not (self.constraint or self._columns or self._sqlite):
                return withheld(self._error, self.state)
            return f'{words} "{self.constraint}"' if self.constraint else words
        text = self._told("message_primary") or first_line(self._error)
        if self.state in _WITH_KEY and (detail := self._told("message_detail")):
            text = f"{text}: {detail}"
        return text

    @cached_property
    def _columns(self) -> list[str]:
        """Return the columns that the database names."""
        if self._sqlite:
            names = self._sqlite[2] or ""
            if self._sqlite[1] == "CHECK":
                return re.findall(r"\w+", names)
            return [name.rpartition(".")[2] for name in names.split(", ")]
        if column := self._told("column_name"):
            return [column]
        match = _KEY.search(self._told("message_detail"))
        if match and self.state in _WITH_KEY:
            return re.findall(r"\w+", match[1])
        return []

    def fields(self, model: type[models.Model]) -> list[Any]:
        """Return the fields of a model that it is about, as far as it tells them."""
        meta = model._meta
        columns = self._columns
        for constraint in meta.constraints:
            if constraint.name == self.constraint:
                names = getattr(constraint, "fields", ()) or _names_in(
                    getattr(constraint, "condition", None)
                )
                columns = [*columns, *names]
        table = meta.db_table.rpartition('"."')[2]
        return [
            field
            for field in meta.local_concrete_fields
            if {field.column, field.name} & {*columns}
            # What PostgreSQL calls the check of a column.
            or self.constraint == f"{table}_{field.column}_check"
        ]

    def meaning(self, model: type[models.Model]) -> str:
        """Return what the model says of a constraint that does not hold."""
        for constraint in model._meta.constraints:
            own = constraint.violation_error_message
            if constraint.name == self.constraint and (
                own != constraint.default_violation_error_message
            ):
                return f" ({constraint.get_violation_error_message()})"
        return ""


def _names_in(condition: Any) -> Iterator[str]:
    for child in getattr(condition, "children", ()):
        if isinstance(child, tuple):
            yield child[0].partition("__")[0]
        else:
            yield from _names_in(child)
