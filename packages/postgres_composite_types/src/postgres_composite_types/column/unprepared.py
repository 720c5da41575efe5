"""No prepared statement outlives the type that it was made for.

PostgreSQL parses a prepared statement anew when a table changes, and not when a composite
type does: it goes on to find members by their former places. psycopg 3 prepares if
`OPTIONS` hold both `server_side_binding` and `prepare_threshold`; a statement that names a
composite type or a table with one is parsed each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.backends.signals import connection_created

from postgres_composite_types.column.arrays import element_of
from postgres_composite_types.declare.registry import live

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["install"]


def install() -> None:
    """Watch the connections that prepare statements; once is enough."""
    connection_created.connect(_watch, dispatch_uid=f"{__name__}.watch")


def _watch(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    wrappers = connection.execute_wrappers
    if _prepares(connection) and _execute not in wrappers:
        wrappers.append(_execute)


def _prepares(connection: BaseDatabaseWrapper) -> bool:
    return getattr(connection.connection, "prepare_threshold", None) is not None


def _execute(
    execute: Callable[..., Any],
    sql: Any,
    params: Any,
    many: bool,
    context: dict[str, Any],
) -> Any:
    """Run a statement, unprepared if it depends on a composite type."""
    connection = context["connection"]
    is_dependent = _prepares(connection) and _names().search(_text(sql, connection))
    if not is_dependent:
        return execute(sql, params, many, context)
    session = connection.connection
    threshold = session.prepare_threshold
    session.prepare_threshold = None
    try:
        return execute(sql, params, many, context)
    finally:
        session.prepare_threshold = threshold


def _text(sql: Any, connection: BaseDatabaseWrapper) -> str:
    # psycopg's own objects may be executed, too.
    return sql if isinstance(sql, str) else sql.as_string(connection.connection)


@cache
def _names() -> re.Pattern[str]:
    """Return a pattern of the names of the types, and of the tables that have them."""
    names = {re.escape(name) for name in (*_types(), *_tables())}
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(names)) or '(?!)'})(?!\w)")


def _types() -> Iterator[str]:
    for composite in live:
        yield composite._meta.db_type


def _tables() -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        if any(element_of(field)[0] for field in model._meta.local_fields):
            # Of "schema"."table", the table.
            yield re.split(r'["\s.]+', model._meta.db_table.strip('"'))[-1]
