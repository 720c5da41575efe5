"""What a load changes, as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from loaddata_stdin.objects import short
from loaddata_stdin.options import Options
from loaddata_stdin.relations import Relation
from loaddata_stdin.secret import HIDDEN
from loaddata_stdin.server_cursor import read_rows
from loaddata_stdin.stage import Stage
from loaddata_stdin.table import Table

__all__ = ["Differences"]

# Any in this module: values of any type.


class Differences:
    """Says which rows are created, updated and deleted, in the order of the stream."""

    def __init__(self, options: Options) -> None:
        """Take what is called with each line, and what masks the values."""
        self._say: Callable[[str], object] = options.differ or (lambda line: None)
        self._mask = (
            options.substitution.masked if options.substitution else (lambda text: text)
        )

    def say_created(self, stage: Stage, where: str) -> None:
        """Name the objects for which a condition on `s` holds as created."""
        for key in _rows(stage, f"{stage.name} AS s", where, _keys(stage, "s")):
            self.created(stage.label, key)

    def say_updated(self, stage: Stage, where: str) -> None:
        """Name the objects for which a condition on `s` and `t` holds as updated."""
        fields, count = stage.target.rest, len(stage.keys)
        names = [field.name for field in fields]
        table = stage.quote(stage.target.model._meta.db_table)
        cells = _keys(stage, "s")
        cells += [_text(stage, f"t.{stage.quote(f.column)}") for f in fields]
        cells += [_text(stage, stage.value(field)) for field in fields]
        source = f"{stage.name} AS s, {table} AS t"
        for row in _rows(stage, source, where, cells):
            old, new = row[count : count + len(fields)], row[count + len(fields) :]
            self.updated(stage.label, row[:count], names, old, new)

    def say_related(self, relation: Relation) -> None:
        """Say what a many-to-many field lists now, and no longer."""
        label, name = relation.owner.label, relation.field.name
        query = f"{relation.changes()} ORDER BY key, sign, target"
        for key, sign, target in chain.from_iterable(read_rows(relation, query)):
            self.related(label, [key], name, f"{sign}{target}")

    def related(self, label: str, key: Sequence[Any], name: str, change: str) -> None:
        """Say what a many-to-many field lists now, or no longer."""
        self._say(f"~ {label}{self._named(key)}, {name}: {self._mask(change)}")

    def created(self, label: str, key: Sequence[Any]) -> None:
        """Say that a row is new."""
        self._say(f"+ {label}{self._named(key)}")

    def deleted(self, label: str, key: Sequence[Any]) -> None:
        """Say that a row is deleted."""
        self._say(f"- {label}{self._named(key)}")

    def updated(
        self,
        label: str,
        key: Sequence[Any],
        names: Sequence[str],
        old: Sequence[Any],
        new: Sequence[Any],
    ) -> None:
        """Say which values of a row change."""
        self._say(f"~ {label}{self._named(key)}")
        for name, before, after in zip(names, old, new, strict=True):
            if before == after:
                continue
            # What a new secret takes the place of was one, too.
            is_secret = after is not None and self._mask(str(after)) != str(after)
            shown = HIDDEN if is_secret else self._shown(before)
            self._say(f"    {name}: {shown} -> {self._shown(after)}")

    def _named(self, key: Sequence[Any]) -> str:
        return f" pk={', '.join(self._mask(str(part)) for part in key)}"

    def _shown(self, value: Any) -> str:
        return "NULL" if value is None else short(self._mask(str(value)))


def _keys(stage: Stage, table: str) -> list[str]:
    return [_text(stage, f"{table}.{key}") for key in stage.keys]


def _text(table: Table, value: str) -> str:
    is_postgresql = table.connection.vendor == "postgresql"
    return f"CAST({value} AS text)" if is_postgresql else value


def _rows(table: Table, source: str, where: str, cells: list[str]) -> Iterator[Any]:
    """Yield the rows of a query in the order of the stream."""
    query = (
        f'SELECT {", ".join(cells)} FROM {source} WHERE {where} ORDER BY s."#number"'  # noqa: S608
    )
    return chain.from_iterable(read_rows(table, query))
