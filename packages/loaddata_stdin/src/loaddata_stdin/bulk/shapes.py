"""What is done with the objects of a model that list the same fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loaddata_stdin.encode.rows import Rows
from loaddata_stdin.objects import FixtureObject
from loaddata_stdin.resolve.many_to_many import Relation
from loaddata_stdin.stage.attempts import send
from loaddata_stdin.stage.objects import Stage

__all__ = ["Shape"]

# Any in this module: rows of any values.


class Shape:
    """Makes rows of objects and keeps them until they are sent.

    Attributes:
        model: of the objects.
        needs_key: whether objects without a primary key are of another shape.
    """

    def __init__(
        self, stage: Stage, rows: Rows, *, needs_key: bool, listed: str = ""
    ) -> None:
        """Take the staging table and what makes its rows.

        Args:
            stage: the staging table.
            rows: what makes its rows.
            needs_key: whether objects without a primary key are of another shape.
            listed: for each field of the table, 1 where the objects list it, else 0;
                empty: what they do not list is not asked for.
        """
        self.model = stage.target.model
        self.needs_key = needs_key
        self._stage = stage
        self._row = rows.row
        self._columns = [*rows.columns, "#listed"] if listed else rows.columns
        self._listed = listed
        self._rows: list[Any] = []
        self._relations: list[
            tuple[Relation, Callable[[FixtureObject], list[Any]], list[Any]]
        ] = []
        self._last: Any = None

    def list_also(
        self, relation: Relation, maker: Callable[[FixtureObject], list[Any]]
    ) -> None:
        """Keep what the objects list in a many-to-many field, too."""
        self._relations.append((relation, maker, []))

    def add(self, item: FixtureObject) -> int:
        """Keep an object; return its size in characters, about.

        Raises:
            FieldValueError: a field does not take a value.
        """
        row = self._row(item)
        if self._listed:
            is_text = row.__class__ is str
            row = f"{row[:-1]}\t{self._listed}\n" if is_text else (*row, self._listed)
        stage, key = self._stage, item.values.get("pk")
        if key.__class__ is int and key > stage.largest:
            stage.largest = key
        else:
            stage.see(key)
        size = len(row) if row.__class__ is str else _size(row)
        if self._relations:
            # All of them first: an object that is refused leaves nothing.
            made = [maker(item) for _, maker, _ in self._relations]
            for rows, (_, _, kept) in zip(made, self._relations, strict=True):
                kept += rows
                size += sum(map(_size, rows))
        self._rows.append(row)
        return size

    def send(self) -> None:
        """Send what is kept.

        Raises:
            ObjectValueError: the database does not take a value.
        """
        if self._rows:
            rows, self._rows = self._rows, []
            send(self._stage, self._columns, rows)
        for relation, _, kept in self._relations:
            if kept:
                send(relation, relation.columns, [*kept])
                kept.clear()


def _size(row: Any) -> int:
    if row.__class__ is str:
        return len(row)
    return sum(len(cell) for cell in row if cell.__class__ is str) + 8 * len(row)
