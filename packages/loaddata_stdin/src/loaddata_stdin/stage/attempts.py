"""Do what most objects allow, and take the problems of those that do not.

Nothing is done object by object before a statement for all of them has failed.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import DatabaseError, InterfaceError, transaction

from loaddata_stdin.encode.cells import NULL
from loaddata_stdin.objects import Place
from loaddata_stdin.problems.diagnosis import Diagnosis
from loaddata_stdin.stage.objects import ALL
from loaddata_stdin.stage.sending import Sending
from loaddata_stdin.stage.table import Table

__all__ = ["attempt", "send", "settle"]

# Any in this module: rows of any values.

_FEW = 64


def attempt(table: Table, statement: str) -> int:
    """Run a statement for all of the objects that it does not fail for.

    Args:
        table: a staging table.
        statement: ALL in it gives way to a condition on `s`.

    Returns:
        How many rows it touched.

    Raises:
        LoaddataStdinError: there are enough problems.
    """
    try:
        return _run(table, statement)
    except DatabaseError as error:
        if not Diagnosis(error).is_of_object:
            raise
    index = table.quote(f"{table.name.strip(chr(34))}_number")
    with suppress(DatabaseError), transaction.atomic(using=table.connection.alias):
        table.execute(f'CREATE INDEX {index} ON {table.name} ("#number")')
        table.execute(f"ANALYZE {table.name}")  # Or PostgreSQL would not use it.
    return _run_by_halves(table, statement)


def _run(table: Table, statement: str) -> int:
    with transaction.atomic(using=table.connection.alias):
        return table.execute(statement)


def _run_by_halves(table: Table, statement: str) -> int:
    """Run a statement for the objects in their order.

    What has been done stays done, so that two objects that do not go together are found,
    too; and it takes a few statements per problem, however many objects there are.
    """
    touched = 0
    waiting = table.rows(f'SELECT MIN("#number"), MAX("#number") FROM {table.name}')  # noqa: S608
    while waiting:
        low, high = waiting.pop()
        condition = f's."#number" BETWEEN {low} AND {high}'
        try:
            touched += _run(table, statement.replace(ALL, condition))
        except DatabaseError as error:
            if low == high:
                table.refuse(low, error)
                continue
            middle = (low + high) // 2
            waiting += [(middle + 1, high), (low, middle)]
    return touched


def send(table: Table, columns: list[str], rows: list[Any]) -> None:
    """Begin to add rows to a staging table.

    Raises:
        LoaddataStdinError: there are enough problems.
    """
    settle(table)
    # Of large rows there is no room for two pieces at a time.
    if table.may_send_ahead and len(rows) > _FEW:
        table.sending = Sending(table, columns, rows)
    else:
        _send_rest(table, columns, rows, _refusal(table, columns, rows))


def settle(table: Table) -> None:
    """Wait until a staging table has its rows, but for those that are refused.

    Raises:
        LoaddataStdinError: there are enough problems.
    """
    sending, table.sending = table.sending, None
    if sending:
        _send_rest(table, sending.columns, sending.rows, sending.end())


def _send_rest(
    table: Table, columns: list[str], rows: list[Any], error: Exception | None
) -> None:
    while error:
        index = _refuse_row(table, error, columns, rows)
        rows = [*rows[:index], *rows[index + 1 :]]
        error = _refusal(table, columns, rows)


def _refusal(table: Table, columns: list[str], rows: list[Any]) -> Exception | None:
    try:
        with transaction.atomic(using=table.connection.alias):
            table.send(columns, rows)
    except (DatabaseError, OverflowError, UnicodeEncodeError) as error:
        return error
    return None


def _refuse_row(
    table: Table, error: Exception, columns: list[str], rows: list[Any]
) -> int:
    """Take the problem of a row; return its index."""
    if isinstance(error, InterfaceError):
        raise error
    diagnosis = Diagnosis(error) if isinstance(error, DatabaseError) else None
    if diagnosis and not diagnosis.is_of_object:
        raise error
    if diagnosis and diagnosis.copied:
        row, column = diagnosis.copied
        index = row - 1
        cells = rows[index].rstrip("\n").split("\t")
    else:
        index, column = _first_refused(table, columns, rows), ""
        cells = rows[index]
    number, line, place_column = map(int, cells[:3])
    key = cells[columns.index(table.key_column)]
    pk = None if key in {None, NULL} else key
    place = Place(number, line, place_column, table.label, pk)
    table.problems.refuse(place, error, table.field_names(column))
    return index


def _first_refused(table: Table, columns: list[str], rows: list[Any]) -> int:
    """Return the index of the first row that a table does not take."""
    low, high = 0, len(rows) - 1
    with transaction.atomic(using=table.connection.alias):
        while low < high:
            middle = (low + high) // 2
            if _refusal(table, columns, rows[low : middle + 1]):
                high = middle
            else:
                low = middle + 1
        transaction.set_rollback(True, using=table.connection.alias)
    return low
