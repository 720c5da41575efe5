"""What to run when the database does not know a type: said where it is missed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import ProgrammingError
from django.db.backends.signals import connection_created

from .drift import cure_for_missing
from .registry import live

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from .definition import Definition

__all__ = ["install"]

_UNDEFINED_OBJECT = "42704"


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
    """Run a statement; a type that it misses is named with the cure."""
    try:
        return execute(sql, params, many, context)
    except ProgrammingError as error:
        definition = _missing(error)
        if definition is None:
            raise
        message = (
            f"There is no {definition.qualified_name} in database "
            f"{context['connection'].alias!r}. {cure_for_missing(definition)}"
        )
        raise ProgrammingError(message) from error


def _missing(error: ProgrammingError) -> Definition | None:
    cause = error.__cause__
    # psycopg 3 has the one name, psycopg2 the other.
    code = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if code != _UNDEFINED_OBJECT:
        return None
    for composite in live:
        definition = composite._meta
        parts = filter(None, [definition.schema, definition.db_type])
        if f'"{".".join(parts)}"' in str(error):
            return definition
    return None
