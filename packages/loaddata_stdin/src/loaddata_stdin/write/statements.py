"""Write what the staging tables hold: update what differs, insert what is missing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from loaddata_stdin.exceptions import ObjectIntegrityError
from loaddata_stdin.options import Options
from loaddata_stdin.report import Report
from loaddata_stdin.resolve.many_to_many import Relation
from loaddata_stdin.resolve.sequences import Sequences
from loaddata_stdin.stage.attempts import attempt
from loaddata_stdin.stage.objects import ALL, Stage
from loaddata_stdin.write.differences import Differences
from loaddata_stdin.write.duplicates import (
    keep_first,
    keep_last,
    merge,
    refuse_duplicates,
)

__all__ = ["Writer", "unpatchable"]

_KEPT = (
    "its row keeps the old values: a trigger or a row security policy of the database"
    " does not let it be updated; change that, or leave the object out."
)


class _Found(NamedTuple):
    """How many objects are ready, how many of their rows are there, and differ."""

    ready: int
    there: int
    differing: int


class Writer:
    """Writes the objects of one model after the other, and counts them.

    `INSERT ... ON CONFLICT` is not used: it checks NOT NULL before the conflict, and
    fires the triggers of inserts on updates.
    """

    def __init__(
        self,
        options: Options,
        report: Report,
        sequences: Sequences,
        differences: Differences | None,
    ) -> None:
        """Take what is done where a row is there already."""
        self._sequences = sequences
        self._options = options
        self._report = report
        self._differences = differences

    def write(self, stage: Stage, relations: Collection[Relation]) -> None:
        """Write the objects of one model that are ready.

        Args:
            stage: holds the objects.
            relations: what they list in many-to-many fields.

        Raises:
            ObjectIntegrityError: the database refuses an object, or a row is there.
        """
        if not stage.is_sorted:
            self._leave_one(stage)
        found = self._look(stage)
        if not found.ready:
            return
        self._options.phase(f"writing {stage.label}")
        counts = self._report.of(stage.label)
        is_ignoring = self._options.on_conflict == "ignore"
        if is_ignoring:
            for relation in relations:
                relation.forget_where(_untouched(stage))
        elif self._options.on_conflict == "error":
            _refuse_conflicts(stage)
        elif relations:
            _mark_same(stage)
        if found.differing:
            self._update(stage, found)
        if found.ready > found.there:
            self._insert(stage)
        counts.updated += found.differing
        # Also those that a trigger leads into another table.
        counts.created += found.ready - found.there
        rest = found.there - found.differing
        counts.ignored += rest if is_ignoring else 0
        counts.unchanged += 0 if is_ignoring else rest

    def _look(self, stage: Stage) -> _Found:
        """Count the objects of one model that are ready, and their rows."""
        differing = "NULL"
        if self._options.on_conflict == "update" and stage.target.rest:
            differing = (
                f"CASE WHEN t.{stage.key} IS NOT NULL AND {_differs(stage)} THEN 1 END"
            )
        [counts] = stage.rows(
            f"SELECT COUNT(*), COUNT(t.{stage.key}), COUNT({differing})"  # noqa: S608
            f" FROM {stage.name} AS s LEFT JOIN {_table(stage)} AS t"
            f" ON {stage.same_key} WHERE {stage.ready}"
        )
        return _Found(*counts)

    def write_relation(self, relation: Relation) -> None:
        """Make the table of a many-to-many field hold what is listed."""
        self._options.phase(f"writing {relation.label}")
        if self._differences:
            self._differences.say_related(relation)
        counts = self._report.of(relation.label)
        if counts.unchanged and self._options.on_conflict == "update":
            # Rows of which only this has changed.
            stage = relation.owner
            changed = stage.execute(
                f'UPDATE {stage.name} AS s SET "#same" = NULL WHERE "#same" = 1'  # noqa: S608
                f" AND s.{stage.key} IN (SELECT key FROM ({relation.changes()}) AS c)"
            )
            counts.updated += changed
            counts.unchanged -= changed
        relation.write(self._sequences)

    def _leave_one(self, stage: Stage) -> None:
        """Leave one of the objects with the same primary key."""
        stage.analyze()
        counts = self._report.of(stage.label)
        if self._options.on_conflict == "error":
            refuse_duplicates(stage)
        elif self._options.on_conflict == "ignore":
            counts.repeated += keep_first(stage)
        else:
            if self._options.is_patch:
                merge(stage)
            counts.repeated += keep_last(stage)

    def _update(self, stage: Stage, found: _Found) -> None:
        where = f"{stage.same_key} AND {ALL} AND {stage.ready} AND {_differs(stage)}"
        if self._differences:
            self._differences.say_updated(stage, where)
        pairs = zip(*_columns(stage), strict=True)
        assignments = ", ".join(f"{column} = {value}" for column, value in pairs)
        touched = attempt(
            stage,
            f"UPDATE {_table(stage)} AS t SET {assignments}"  # noqa: S608
            f" FROM {stage.name} AS s WHERE {where}",
        )
        if touched < found.differing:
            self._refuse_kept(stage, found, touched)

    def _refuse_kept(self, stage: Stage, found: _Found, touched: int) -> None:
        """Refuse the objects whose rows are not updated, without an error."""
        now = self._look(stage)
        refused = found.ready - now.ready
        # Others may still differ since a trigger changes what they get.
        if touched + refused < found.differing:
            where = (
                f"{stage.ready} AND EXISTS (SELECT 1 FROM {_table(stage)} AS t"  # noqa: S608
                f" WHERE {stage.same_key} AND {_differs(stage)})"
            )
            stage.refuse_where(where, _KEPT, ObjectIntegrityError())

    def _insert(self, stage: Stage) -> None:
        where = f"{ALL} AND {stage.ready} AND NOT {stage.is_there}"
        if self._differences:
            self._differences.say_created(stage, where)
        if self._options.is_patch:
            _refuse_unpatchable(stage, where)
        columns = [stage.quote(field.column) for field in stage.target.fields]
        # An identity that is always generated takes no keys without it.
        is_postgresql = stage.connection.vendor == "postgresql"
        overriding = " OVERRIDING SYSTEM VALUE" if is_postgresql else ""
        attempt(
            stage,
            f"INSERT INTO {_table(stage)} ({', '.join(columns)}){overriding}"  # noqa: S608
            f" SELECT {', '.join(f's.{column}' for column in columns)}"
            f' FROM {stage.name} AS s WHERE {where} ORDER BY s."#number"',
        )


def _refuse_unpatchable(stage: Stage, where: str) -> None:
    """Refuse objects whose row is missing, and that do not list what a new one needs."""
    for field in stage.target.rest:
        if field.null:
            continue
        lacks = (
            f"{where} AND s.{stage.quote(field.column)} IS NULL"
            f" AND {stage.lists(field)} = '0'"
        )
        stage.refuse_where(lacks, unpatchable(field.name), ObjectIntegrityError())


def unpatchable(name: str) -> str:
    """Return what is wrong with a patch of no row, which does not list a field."""
    return (
        f"field {name}: there is no such row to patch, and a new one needs the field."
    )


def _refuse_conflicts(stage: Stage) -> None:
    what = "the row is there already, and --on-conflict is 'error'."
    where = f"{stage.ready} AND {stage.is_there}"
    stage.refuse_where(where, what, ObjectIntegrityError())


def _mark_same(stage: Stage) -> None:
    """Mark the objects whose row is there as it is."""
    same = f"{stage.same_key} AND {stage.ready}"
    if stage.target.rest:
        same += f" AND NOT {_differs(stage)}"
    stage.execute(
        f'UPDATE {stage.name} AS s SET "#same" = 1 FROM {_table(stage)} AS t WHERE {same}'  # noqa: S608
    )


def _columns(stage: Stage) -> tuple[list[str], list[Any]]:
    """Return the columns beside the primary key, and what they get."""
    fields = stage.target.rest
    columns = [stage.quote(field.column) for field in fields]
    return columns, [stage.value(field) for field in fields]


def _untouched(stage: Stage) -> str:
    """Return the condition on `s` for what objects list that are ignored."""
    kept = f'SELECT o."#number" FROM {stage.name} AS o'  # noqa: S608
    ready = f'SELECT s."#number" FROM {stage.name} AS s WHERE {stage.ready}'  # noqa: S608
    return (
        f'(s."#number" > {stage.written} AND s."#number" NOT IN ({kept}))'
        f' OR s."#number" IN ({ready} AND {stage.is_there})'
    )


def _table(stage: Stage) -> str:
    return stage.quote(stage.target.model._meta.db_table)


def _differs(stage: Stage) -> str:
    columns, values = _columns(stage)
    if stage.connection.vendor == "postgresql":
        # By the bytes: IS DISTINCT FROM takes 1.0 in jsonb for 1, and cannot json.
        theirs = ", ".join(f"t.{column}" for column in columns)
        return f"ROW({theirs})::record *<> ROW({', '.join(values)})::record"
    pairs = zip(columns, values, strict=True)
    # By the bytes, too: a column may compare without regard to case.
    differ = (f"t.{c} IS NOT {v} COLLATE BINARY" for c, v in pairs)
    return f"({' OR '.join(differ)})"
