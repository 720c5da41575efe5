"""Values as parameters of a cursor: `cursor.execute("SELECT %s", [address])`.

The driver writes an expression into the statement that finds the members by name. With
`server_side_binding`, and in lists, there is no place for one: psycopg 3 refuses that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.db import NotSupportedError

from postgres_composite_types.column.parameters import parameter
from postgres_composite_types.types import CompositeType

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["install"]


def install() -> None:
    """Tell the driver that Django uses; it concerns no values but ours."""
    try:
        from django.db.backends.postgresql.psycopg_any import is_psycopg3
    except ImproperlyConfigured:  # There is no driver: nothing speaks to PostgreSQL.
        return
    if is_psycopg3:
        _register_psycopg3()
    else:
        _register_psycopg2()


def _expression(value: CompositeType, quote: Callable[[str], str]) -> str:
    json = value._meta.codec.encode(value)
    return parameter(type(value), json) % quote(json)


def _register_psycopg3() -> None:
    from psycopg import adapters
    from psycopg.adapt import Dumper
    from psycopg.sql import quote

    class CompositeDumper(Dumper):
        """Writes a value into a statement, where the client puts it together."""

        def dump(self, obj: CompositeType) -> Any:
            message = (
                f"A value of {type(obj).__name__} can be no parameter in a list, nor with"
                " server_side_binding; use the ORM."
            )
            raise NotSupportedError(message)

        def quote(self, obj: CompositeType) -> bytes:
            context = self.connection
            encoding = context.info.encoding if context else "utf-8"
            return _expression(obj, lambda text: quote(text, context)).encode(encoding)

    adapters.register_dumper(CompositeType, CompositeDumper)


def _register_psycopg2() -> None:
    from psycopg2.extensions import adapt, register_adapter

    class Adapter:
        """Writes a value into a statement: psycopg2's ISQLQuote protocol."""

        def __init__(self, value: CompositeType) -> None:
            self._value = value
            self._connection: Any = None

        def prepare(self, connection: Any) -> None:
            """Take the connection, whose encoding and settings decide the quotes."""
            self._connection = connection

        def getquoted(self) -> bytes:
            """Return the expression."""

            def quote(text: str) -> str:
                adapted = adapt(text)
                if self._connection is not None:
                    adapted.prepare(self._connection)
                quoted: bytes = adapted.getquoted()
                return quoted.decode(adapted.encoding or "latin-1")

            adapted = adapt("")
            if self._connection is not None:
                adapted.prepare(self._connection)
            return _expression(self._value, quote).encode(adapted.encoding)

    register_adapter(CompositeType, Adapter)
