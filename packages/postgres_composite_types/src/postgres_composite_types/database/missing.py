"""What to run when the database lacks a type, or has it already: said by the error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import ProgrammingError
from django.db.backends.signals import connection_created

from postgres_composite_types.database.drift import cure_for_missing
from postgres_composite_types.declare.registry import live

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from postgres_composite_types.declare.definition import Definition

__all__ = ["install"]

_UNDEFINED_OBJECT = "42704"
_DUPLICATE_OBJECT = "42710"


def install() -> None:
    """Explain the error on every connection to PostgreSQL; once is enough."""
    connection_created.connect(_watch, dispatch_uid=f"{__name__}.watch")


def _watch(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    wrappers = connection.execute_wrappers
    if connection.vendor == "postgresql" and _explain not in wrappers:
        wrappers.append(_explain)


def _explain(
    execute: Callable[..., Any],
    sql: str,
    params: Any,
    many: bool,
    context: dict[str, Any],
) -> Any:
    """Run a statement; an error over a type names it with the cure."""
    try:
        return execute(sql, params, many, context)
    except ProgrammingError as error:
        message = _explanation(error, context["connection"].alias)
        if message is None:
            raise
        raise ProgrammingError(message) from error


def _explanation(error: ProgrammingError, alias: str) -> str | None:
    cause = error.__cause__
    # psycopg 3 has the one name, psycopg2 the other.
    code = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if code == _UNDEFINED_OBJECT and (definition := _named(error)):
        return (
            f"There is no {definition.qualified_name} in database {alias!r}."
            f" {cure_for_missing(definition)}"
        )
    if code == _DUPLICATE_OBJECT and (definition := _named(error, schema=False)):
        return (
            f"{definition.qualified_name} is in database {alias!r} already. Let"
            " manage.py migrate --fake-initial adopt it, or set Meta.managed = False."
        )
    return None


def _named(error: ProgrammingError, *, schema: bool = True) -> Definition | None:
    """Return the declared type that an error names."""
    for composite in live:
        definition = composite._meta
        parts = filter(None, [definition.schema if schema else "", definition.db_type])
        if f'"{".".join(parts)}"' in str(error):
            return definition
    return None
