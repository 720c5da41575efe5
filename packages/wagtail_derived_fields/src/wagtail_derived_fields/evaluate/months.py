"""MonthsBetween: completed months between two dates, as age() of PostgreSQL counts."""

from __future__ import annotations

import datetime
from typing import Any

from django.core.exceptions import FieldError
from django.db import NotSupportedError, models
from django.db.models import Func

__all__ = ["MonthsBetween", "count_months"]


class MonthsBetween(Func):
    """Completed months from `start` to `end`; negative if `end` comes first.

    From 31 January to 28 February is no month, to 1 March is one. It is what
    `extract(year from age(end, start)) * 12 + extract(month from age(end, start))` gives
    on PostgreSQL, and the same on SQLite.

    Args:
        start, end: names of date fields, or expressions that give dates.

    Example:
        >>> MonthsBetween("start_date", "end_date")
    """

    arity = 2
    output_field = models.IntegerField()

    def __init__(self, start: Any, end: Any, **extra: Any) -> None:
        super().__init__(start, end, **extra)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        """Resolve the two dates; refuse what is not one.

        Raises:
            FieldError: a date with a time would need a time zone to be a day.
        """
        resolved = super().resolve_expression(*args, **kwargs)
        for source in resolved.get_source_expressions():
            kind = source.output_field
            if not isinstance(kind, models.DateField) or isinstance(
                kind, models.DateTimeField
            ):
                message = (
                    f"MonthsBetween takes dates, not {type(kind).__name__};"
                    " use TruncDate for the day of a time"
                )
                raise FieldError(message)
        return resolved

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse a database whose months nobody has compared with Python's.

        Raises:
            NotSupportedError: it is neither PostgreSQL nor SQLite.
        """
        message = "MonthsBetween works on PostgreSQL and SQLite"
        raise NotSupportedError(message)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Count with age() of timestamps, which is immutable, unlike that of dates."""
        start, end = self._compile_sources(compiler)
        age = f"age(({end[0]})::timestamp, ({start[0]})::timestamp)"
        sql = f"(EXTRACT(year FROM {age}) * 12 + EXTRACT(month FROM {age}))::integer"
        return sql, (*end[1], *start[1]) * 2

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Count with strftime: years, months, and whether the day has been reached."""
        start, end = self._compile_sources(compiler)

        def months(text: str) -> str:
            return (
                f"(CAST(strftime('%%Y', {text}) AS INTEGER) * 12"
                f" + CAST(strftime('%%m', {text}) AS INTEGER))"
            )

        def day(text: str) -> str:
            return f"strftime('%%d', {text})"

        s, e = start[0], end[0]
        sql = (
            f"({months(e)} - {months(s)} - CASE WHEN {e} >= {s}"
            f" THEN ({day(e)} < {day(s)}) ELSE -({day(s)} < {day(e)}) END)"
        )
        # end, end, start, start, then the comparison and its two branches
        order = (end, end, start, start, end, start, end, start, start, end)
        return sql, tuple(value for _, values in order for value in values)

    def _compile_sources(self, compiler: Any) -> Any:
        return [compiler.compile(source) for source in self.get_source_expressions()]


def count_months(start: datetime.date, end: datetime.date) -> int:
    """Return the completed months from `start` to `end`, as MonthsBetween counts them."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if end >= start:
        return months - (end.day < start.day)
    return months + (start.day < end.day)
