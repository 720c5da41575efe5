"""Delete the rows of a load's models that the stream does not hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.db import models
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.db.models.expressions import RawSQL

from loaddata_stdin.django_private import python_keys
from loaddata_stdin.exceptions import LoaddataStdinError, ObjectIntegrityError
from loaddata_stdin.model.target import Target
from loaddata_stdin.one_by_one.ledger import Entries
from loaddata_stdin.options import Options
from loaddata_stdin.report import Report
from loaddata_stdin.stage.objects import Stage
from loaddata_stdin.stage.server_cursor import read_rows
from loaddata_stdin.stage.table import Table
from loaddata_stdin.write.differences import Differences

__all__ = ["delete_missing"]

# Any in this module: rows of any model, and what a Collector holds.

_CHUNK = 500
_NAMED = 5


class _Missing(Table):
    """The primary keys of the rows of a model that the stream does not hold.

    Attributes:
        target: the table of the model.
        count: how many there are, whether they have been deleted or not.
    """

    def __init__(self, target: Target, held: Sequence[Stage | Entries]) -> None:
        """Look for them.

        Args:
            target: the table of the model.
            held: what the stream holds of it, in bulk and one by one.
        """
        self.target = target
        table, columns = target.model._meta.db_table, [f.column for f in target.keys]
        super().__init__(
            held[0].connection,
            table,
            {"#nth": "bigint", **dict.fromkeys(columns, "")},
            held[0].problems,
        )
        self.label = target.model._meta.label_lower
        self._keys = keys = [self.quote(column) for column in columns]
        same = " AND ".join(f"s.{key} = t.{key}" for key in keys)
        unheld = " AND ".join(
            f"NOT EXISTS (SELECT 1 FROM {each.name} AS s WHERE {same})"  # noqa: S608
            for each in held
        )
        names = ", ".join(f"t.{key}" for key in keys)
        self.count = self.execute(
            f"INSERT INTO {self.name} SELECT ROW_NUMBER() OVER (ORDER BY {names}), {names}"  # noqa: S608
            f" FROM {self.quote(table)} AS t WHERE {unheld}"
        )
        self.index('"#nth"')
        self.index(*keys, is_long=True)
        self.analyze()

    def chunks(self) -> Iterator[list[models.Model]]:
        """Yield those that are there still, some at a time, each once."""
        names = ", ".join(f"t.{key}" for key in self._keys)
        query: Any = models.QuerySet(
            model=self.target.model, using=self.connection.alias
        )
        count, last = _CHUNK, 0
        while count == _CHUNK:
            found = self.rows(
                f'SELECT s."#nth", {names} FROM {self._there}'  # noqa: S608
                f' WHERE s."#nth" > {last} ORDER BY s."#nth" LIMIT {_CHUNK}'
            )
            count = len(found)
            if found:
                last = found[-1][0]
                keys = self._python([row for _, *row in found])
                rows = list(query.filter(pk__in=keys).order_by("pk"))
                if not rows:
                    message = (
                        f"--delete-missing: rows of {self.label} are not found by their"
                        " keys, as Python has them; delete them before."
                    )
                    raise ObjectIntegrityError(message)
                yield rows

    def all_keys(self) -> Iterator[Any]:
        """Yield the keys of all, whether they have been deleted or not."""
        names = ", ".join(self._keys)
        query = f'SELECT {names} FROM {self.name} ORDER BY "#nth"'  # noqa: S608
        for found in read_rows(self, query):
            yield from self._python(found)

    def _python(self, found: Sequence[Sequence[Any]]) -> list[Any]:
        return python_keys(self.target.keys, found, self.connection)

    @property
    def _there(self) -> str:
        """Return those that are there still, as tables `s` and `t` of a query."""
        table = self.quote(self.target.model._meta.db_table)
        same = " AND ".join(f"s.{key} = t.{key}" for key in self._keys)
        return f"{self.name} AS s JOIN {table} AS t ON {same}"

    def refuse_kept(self) -> None:
        """Refuse rows that are there after they were deleted.

        Raises:
            ObjectIntegrityError: there are some.
        """
        [(count,)] = self.rows(f"SELECT COUNT(*) FROM {self._there}")  # noqa: S608
        if count:
            message = (
                f"--delete-missing: {count} row(s) of {self.label} are there after they"
                " were deleted: a trigger or a row security policy of the database keeps"
                " them; change that, or load without --delete-missing."
            )
            raise ObjectIntegrityError(message)

    def others(self, rows: Sequence[models.Model]) -> list[models.Model]:
        """Return those of some rows that are not missing."""
        same = " AND ".join(f"{key} = %s" for key in self._keys)
        parts = [
            field.get_db_prep_save(getattr(row, field.attname), self.connection)
            for row in rows
            for field in self.target.keys
        ]
        keys, each = ", ".join(self._keys), " OR ".join([f"({same})"] * len(rows))
        found = self.rows(f"SELECT {keys} FROM {self.name} WHERE {each}", parts)  # noqa: S608
        known = {*self._python(found)}
        return [row for row in rows if row.pk not in known]

    def without(self, rows: Any) -> Any:
        """Return a queryset without those that are missing, if it can be asked for."""
        if len(self._keys) > 1:
            return rows
        missing = RawSQL(f"SELECT {self._keys[0]} FROM {self.name}", ())  # noqa: S608, S611
        return rows.exclude(pk__in=missing)


class _Collector(Collector):
    """Does not load what is not to be deleted, but for the first few.

    `related_objects` is not documented; Django's admin overrides it, too.

    Attributes:
        missing: what is to be deleted.
        others: the first rows of what is not, and would be deleted or changed.
    """

    missing: Mapping[type[models.Model], _Missing]
    others: list[models.Model]

    # Any: Django's querysets, of any model.
    def related_objects(
        self, related_model: Any, related_fields: Any, objs: Any
    ) -> Any:
        """Return the rows that refer to others; none, where one of them stays."""
        found = super().related_objects(related_model, related_fields, objs)
        concrete = related_model._meta.concrete_model
        if concrete._meta.auto_created:  # What a many-to-many field lists
            return found
        table = self.missing.get(concrete)
        rows = table.without(found) if table else found
        # As many as are named, and those that are deleted if that cannot be asked for.
        few = rows.order_by("pk")[:_CHUNK] if table else rows.order_by("pk")[:_NAMED]
        others = list(_others(few, self.missing))
        self.others += others
        return found.none() if others else found


def delete_missing(
    held: Iterable[Stage | Entries], options: Options, report: Report
) -> None:
    """Delete the rows that the stream does not hold, as Django deletes.

    Those that refer to others go first. Parents of multi-table inheritance stay: they
    are rows of a model of their own.

    Args:
        held: what the stream holds; the models that refer to others last.
        options: how objects are loaded.
        report: counts what is deleted.

    Raises:
        ObjectIntegrityError: a row that is not missing would be deleted or changed, or
            one that is missing stays.
    """
    by_model: dict[type[models.Model], list[Stage | Entries]] = {}
    for each in held:
        by_model.setdefault(each.target.model, []).append(each)
    missing = {
        model: _Missing(tables[0].target, tables) for model, tables in by_model.items()
    }
    for table in reversed(missing.values()):
        options.phase(f"deleting {table.label}")
        differences = Differences(options, table.problems.secrets)
        for rows in table.chunks():
            with _refusing(table):
                _delete(rows, missing, table)
        table.refuse_kept()
        # Those, too, that went along with others.
        report.of(table.label).deleted += table.count
        for key in table.all_keys() if options.differ else ():
            parts = key if isinstance(key, tuple) else (key,)
            differences.deleted(table.label, parts)
    for table in missing.values():
        table.drop()


def _delete(
    rows: list[models.Model],
    missing: dict[type[models.Model], _Missing],
    table: _Missing,
) -> None:
    collector: Any = _Collector(using=table.connection.alias, origin=rows[0])
    collector.missing, collector.others = missing, []
    try:
        collector.collect(rows, keep_parents=True)
        own = set(rows)
        taken = (row for row in _taken(collector) if row not in own)
        others = [*collector.others, *islice(_others(taken, missing), _NAMED)]
    except (ProtectedError, RestrictedError) as error:
        objects: Any = getattr(error, "protected_objects", None)
        others = list(objects or error.restricted_objects)  # type: ignore[union-attr]  # The other one.
    if others:
        names = ", ".join(
            f"{row._meta.label_lower} pk={row.pk}" for row in others[:_NAMED]
        )
        message = (
            f"--delete-missing: deleting {rows[0]._meta.label_lower} would delete or"
            f" change rows that stay: {names}; send them, or delete them before."
        )
        raise ObjectIntegrityError(table.problems.shown(message))
    collector.delete()


@contextmanager
def _refusing(table: _Missing) -> Iterator[None]:
    try:
        yield
    except LoaddataStdinError:
        raise
    except Exception as error:  # noqa: BLE001  # Fields and receivers raise anything.
        hint = f" (--delete-missing: deleting {table.label})"
        table.problems.refuse(None, error, hint=hint)
        table.problems.finish()  # What is deleted so far is not known.


def _taken(collector: Any) -> Iterator[models.Model]:
    """Yield the rows that are deleted or changed."""
    for rows in collector.data.values():
        yield from rows
    for rows in collector.fast_deletes:
        yield from rows.iterator(_CHUNK) if hasattr(rows, "iterator") else rows
    for batches in collector.field_updates.values():
        for rows in batches:
            yield from rows.iterator(_CHUNK) if hasattr(rows, "iterator") else rows


def _others(
    rows: Iterable[models.Model], missing: Mapping[type[models.Model], _Missing]
) -> Iterator[models.Model]:
    """Yield the rows that are not missing; they are looked for some at a time."""
    rows = iter(rows)
    while chunk := list(islice(rows, _CHUNK)):
        by_model: dict[Any, list[models.Model]] = {}
        for row in chunk:
            by_model.setdefault(row._meta.concrete_model, []).append(row)
        for model, found in by_model.items():
            if model._meta.auto_created:  # What a many-to-many field lists
                continue
            table = missing.get(model)
            yield from table.others(found) if table else found
