"""Send rows that the server takes while the next objects are read."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import Any

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.stage.table import Table

__all__ = ["Sending", "may_send_ahead"]

# Any in this module: what Django hands to wrappers of statements.


class Sending:
    """A COPY that has been begun; every statement of Django's waits for its end.

    Attributes:
        columns: the names of what a row holds.
        rows: what is sent.
    """

    def __init__(self, table: Table, columns: list[str], rows: list[Any]) -> None:
        """Begin."""
        self.columns = columns
        self.rows = rows
        self._connection = table.connection
        self._error: Error | None = None
        self._savepoint: Any = self._connection.savepoint()
        self._stack: ExitStack | None = None
        try:
            with ExitStack() as stack:
                table.begin(stack, columns, rows)
                self._stack = stack.pop_all()
        except Error as error:
            self._fail(error)
        else:
            self._connection.execute_wrappers.append(self._waited)

    def _waited(
        self, execute: Any, sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        self.end()
        return execute(sql, params, many, context)

    def end(self) -> Error | None:
        """Wait for the end; return why it was refused, after nothing was taken."""
        stack, self._stack = self._stack, None
        if not stack:
            return self._error
        self._connection.execute_wrappers.remove(self._waited)
        try:
            stack.close()
        except Error as error:
            self._fail(error)
        else:
            self._connection.savepoint_commit(self._savepoint)
        return self._error

    def _fail(self, error: Error) -> None:
        self._error = error
        with suppress(Error):  # The connection may be lost.
            self._connection.savepoint_rollback(self._savepoint)


def may_send_ahead(connection: BaseDatabaseWrapper) -> bool:
    """Return whether a COPY may stay open while the next objects are read."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        [timeout] = cursor.fetchone()
    # Its time would run on while nothing comes.
    return bool(timeout == "0")
