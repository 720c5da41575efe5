"""Validate the rows of a load as forms do, after all of them are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError, models

from loaddata_stdin.django_private import asking, python_keys
from loaddata_stdin.exceptions import ObjectIntegrityError, ObjectValueError
from loaddata_stdin.objects import Place
from loaddata_stdin.one_by_one.ledger import Entries
from loaddata_stdin.problems.diagnosis import withheld
from loaddata_stdin.problems.problems import Problems, of_fields
from loaddata_stdin.stage.objects import Stage
from loaddata_stdin.stage.server_cursor import read_rows

__all__ = ["validate"]


def validate(table: Stage | Entries, *, is_shared: bool) -> None:
    """Refuse the objects of a model against whose rows `full_clean` says something.

    Args:
        table: the objects that were written, in bulk or one by one.
        is_shared: whether others, too, may have written their rows.

    Raises:
        LoaddataStdinError: there are enough problems.
    """
    rows = table.quote(table.target.model._meta.db_table)
    keys = ", ".join(f"t.{key}" for key in table.keys)
    same = " AND ".join(f"t.{key} = s.{key}" for key in table.keys)
    query = (
        f'SELECT s."#number", s."#line", s."#column", s.{table.key}, {keys}'  # noqa: S608
        f' FROM {table.name} AS s LEFT JOIN {rows} AS t ON {same} ORDER BY s."#number"'
    )
    with asking(table.connection.alias):
        _validate_all(table, query, is_shared=is_shared)


def _validate_all(table: Stage | Entries, query: str, *, is_shared: bool) -> None:
    secrets = table.problems.secrets
    is_hidden = is_shared and secrets.are_in(table.target.model)
    for found in read_rows(table, query):
        for (number, line, column, key, *_), row in _with_rows(table, found):
            place = Place(number, line, column, table.label, key)
            if is_hidden:
                secrets.hold(number)
            if row is None:
                what = "its row is not found again: it cannot be validated."
                table.problems.add(place, what, ObjectIntegrityError())
            else:
                _validate(row, place, table.problems)


def _with_rows(
    table: Stage | Entries, found: Sequence[Sequence[Any]]
) -> Iterator[tuple[Sequence[Any], models.Model | None]]:
    """Yield what is known of objects, and their rows."""
    cells = [each[4:] for each in found if each[4] is not None]
    keys = python_keys(table.target.keys, cells, table.connection)
    query: Any = models.QuerySet(model=table.target.model, using=table.connection.alias)
    rows = {row.pk: row for row in query.filter(pk__in=keys)}
    following = iter(keys)
    for each in found:
        yield each, None if each[4] is None else rows.get(next(following))


def _validate(row: models.Model, place: Place, problems: Problems) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        # One of a `full_clean` of its own may have no names.
        found = ValidationError(error.update_error_dict({})).message_dict.items()
        if problems.may_show(place):
            names = [name for name, _ in found if name != NON_FIELD_ERRORS]
            what = of_fields(names) + withheld(error)
        else:
            what = "; ".join(_said(name, messages) for name, messages in found)
        refusal = ObjectValueError()
        refusal.__cause__ = error
        problems.add(place, what, refusal)
    except DatabaseError as error:
        problems.refuse(place, error)
        problems.finish()  # PostgreSQL answers no more.
    except Exception as error:  # noqa: BLE001  # Models raise anything.
        problems.refuse(place, error)


def _said(name: str, messages: Sequence[str]) -> str:
    names = [] if name == NON_FIELD_ERRORS else [name]
    return of_fields(names) + " ".join(messages)
