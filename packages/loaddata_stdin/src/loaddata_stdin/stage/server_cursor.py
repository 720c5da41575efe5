"""Read the rows of a query without holding them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from loaddata_stdin.stage.table import Table

__all__ = ["read_rows"]

_CHUNK = 500


def read_rows(table: Table, query: str) -> Iterator[list[Any]]:  # Any: of any type
    """Yield the rows of a query, some at a time.

    By a cursor of the server: asking again from the last row on would join again.

    Args:
        table: of the same database.
        query: without parameters.
    """
    with table.connection.chunked_cursor() as cursor:
        cursor.execute(query, ())  # Percent signs stand twice.
        while rows := cursor.fetchmany(_CHUNK):
            yield rows
