"""What a load changes, as lines of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from loaddata_stdin.objects import one_line, short
from loaddata_stdin.options import Options
from loaddata_stdin.problems.secrets import HIDDEN, Secrets
from loaddata_stdin.resolve.many_to_many import Relation
from loaddata_stdin.stage.objects import Stage
from loaddata_stdin.stage.server_cursor import read_rows
from loaddata_stdin.stage.table import Table

__all__ = ["Differences"]

# Any in this module: values of any type.

# Of texts that look alike: what is shown before they part, and altogether.
_CONTEXT, _LONGEST = 10, 60


class Differences:
    """Says which rows are created, updated and deleted, in the order of the stream.

    Of an object that refers to the environment no value is shown: a database may write
    a new one in another way, and the former one may be a secret too.
    """

    def __init__(self, options: Options, secrets: Secrets) -> None:
        """Take what is called with each line, and what must not be shown."""
        self._say: Callable[[str], object] = options.differ or (lambda line: None)
        self._secrets = secrets

    def say_created(self, stage: Stage, where: str) -> None:
        """Name the objects for which a condition on `s` holds as created."""
        cells = ['s."#number"', *_keys(stage, "s")]
        for number, *key in _rows(stage, f"{stage.name} AS s", where, cells):
            self.created(stage.label, self.hidden(number, key))

    def say_updated(self, stage: Stage, where: str) -> None:
        """Name the objects for which a condition on `s` and `t` holds as updated."""
        fields, count = stage.target.rest, len(stage.keys)
        names = [field.name for field in fields]
        table = stage.quote(stage.target.model._meta.db_table)
        cells = ['s."#number"', *_keys(stage, "s")]
        cells += [_text(stage, f"t.{stage.quote(f.column)}") for f in fields]
        cells += [_text(stage, stage.value(field)) for field in fields]
        source = f"{stage.name} AS s, {table} AS t"
        for number, *row in _rows(stage, source, where, cells):
            old, new = row[count : count + len(fields)], row[count + len(fields) :]
            key = self.hidden(number, row[:count])
            is_secret = self.has_secret(number)
            self.updated(stage.label, key, names, (old, new), is_secret=is_secret)

    def say_related(self, relation: Relation) -> None:
        """Say what a many-to-many field lists now, and no longer."""
        label, name = relation.owner.label, relation.field.name
        query = (
            f"SELECT o.n, c.* FROM ({relation.changes()}) AS c JOIN"  # noqa: S608
            f' (SELECT {relation.key} AS k, MAX("#number") AS n FROM {relation.name}'
            f" GROUP BY {relation.key}) AS o ON o.k = c.key ORDER BY key, sign, target"
        )
        for number, key, *change in chain.from_iterable(read_rows(relation, query)):
            self.related(label, (number, [key]), name, change)

    def related(
        self,
        label: str,
        owner: tuple[int, Sequence[Any]],
        name: str,
        change: Sequence[Any],
    ) -> None:
        """Say what a many-to-many field lists now, or no longer.

        Args:
            label: of the model.
            owner: the number of the object in the stream, and its key.
            name: of the field.
            change: "+" or "-", and the key of what is listed.
        """
        number, key = owner
        sign, target = change
        shown = HIDDEN if self.has_secret(number) else self._secrets.masked(str(target))
        named = self._named(self.hidden(number, key))
        self._say(f"~ {label}{named}, {name}: {sign}{shown}")

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
        values: tuple[Sequence[Any], Sequence[Any]],
        *,
        is_secret: bool,
    ) -> None:
        """Say which values of a row change.

        Args:
            label: of the model.
            key: of the row.
            names: of the fields.
            values: the old ones, and the new ones.
            is_secret: whether one of them may be from the environment.
        """
        self._say(f"~ {label}{self._named(key)}")
        old, new = values
        for name, before, after in zip(names, old, new, strict=True):
            if before == after:
                continue
            hidden = f"{HIDDEN} -> {HIDDEN}" if is_secret else ""
            shown = self._shown(before), self._shown(after)
            if shown[0] == shown[1]:
                shown = self._parted(str(before), str(after))
            self._say(f"    {name}: {hidden or ' -> '.join(shown)}")

    def has_secret(self, number: int) -> bool:
        """Return whether an object refers to a value of the environment."""
        return self._secrets.refers(number)

    def hidden(self, number: int, key: Sequence[Any]) -> Sequence[Any]:
        """Return a primary key as it may be shown."""
        return [HIDDEN] if self._secrets.hides_key(number) else key

    def _named(self, key: Sequence[Any]) -> str:
        parts = (one_line(self._secrets.masked(str(part))) for part in key)
        return f" pk={', '.join(parts)}"

    def _shown(self, value: Any) -> str:
        return "NULL" if value is None else short(self._secrets.masked(str(value)))

    def _parted(self, before: str, after: str) -> tuple[str, str]:
        """Return texts that look alike from where they part, white space escaped."""
        masked = [self._secrets.masked(text) for text in (before, after)]
        pairs = enumerate(zip(*masked, strict=False))
        shorter = min(map(len, masked))
        parting = next((n for n, (a, b) in pairs if a != b), shorter)
        start = max(parting - _CONTEXT, 0)
        end = start + _LONGEST
        old, new = (
            f"{'...' * (start > 0)}{text[start:end]!r}{'...' * (len(text) > end)}"
            for text in masked
        )
        return old, new


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
