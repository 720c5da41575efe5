"""Write what the staging tables hold: update what differs, insert what is missing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from loaddata_stdin.attempts import attempt
from loaddata_stdin.differences import Differences
from loaddata_stdin.duplicates import keep_first, keep_last, merge, refuse_duplicates
from loaddata_stdin.exceptions import ObjectIntegrityError
from loaddata_stdin.options import Options
from loaddata_stdin.relations import Relation
from loaddata_stdin.report import Report
from loaddata_stdin.sequences import Sequences
from loaddata_stdin.stage import ALL, Stage

__all__ = ["Writer", "unpatchable"]


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
        [(count,)] = stage.rows(
            f"SELECT COUNT(*) FROM {stage.name} AS s WHERE {stage.ready}"  # noqa: S608
        )
        if not count:
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
        updated = 0 if is_ignoring or not stage.target.rest else self._update(stage)
        created = self._insert(stage)
        rest = count - updated - created
        counts.updated += updated
        counts.created += created
        counts.ignored += rest if is_ignoring else 0
        counts.unchanged += 0 if is_ignoring else rest

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

    def _update(self, stage: Stage) -> int:
        columns, values = _columns(stage)
        where = (
            f"{_same_key(stage)} AND {ALL} AND {stage.ready}"
            f" AND {_differs(stage, columns, values)}"
        )
        if self._differences:
            self._differences.say_updated(stage, where)
        pairs = zip(columns, values, strict=True)
        assignments = ", ".join(f"{column} = {value}" for column, value in pairs)
        return attempt(
            stage,
            f"UPDATE {_table(stage)} AS t SET {assignments}"  # noqa: S608
            f" FROM {stage.name} AS s WHERE {where}",
        )

    def _insert(self, stage: Stage) -> int:
        where = f"{ALL} AND {stage.ready} AND NOT {_exists(stage)}"
        if self._differences:
            self._differences.say_created(stage, where)
        if self._options.is_patch:
            _refuse_unpatchable(stage, where)
        columns = [stage.quote(field.column) for field in stage.target.fields]
        # An identity that is always generated takes no keys without it.
        is_postgresql = stage.connection.vendor == "postgresql"
        overriding = " OVERRIDING SYSTEM VALUE" if is_postgresql else ""
        return attempt(
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
    where = f"{stage.ready} AND {_exists(stage)}"
    stage.refuse_where(where, what, ObjectIntegrityError())


def _mark_same(stage: Stage) -> None:
    """Mark the objects whose row is there as it is."""
    same = f"{_same_key(stage)} AND {stage.ready}"
    if stage.target.rest:
        same += f" AND NOT {_differs(stage, *_columns(stage))}"
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
        f' OR s."#number" IN ({ready} AND {_exists(stage)})'
    )


def _table(stage: Stage) -> str:
    return stage.quote(stage.target.model._meta.db_table)


def _exists(stage: Stage) -> str:
    return f"EXISTS (SELECT 1 FROM {_table(stage)} AS t WHERE {_same_key(stage)})"  # noqa: S608


def _same_key(stage: Stage) -> str:
    return " AND ".join(f"t.{key} = s.{key}" for key in stage.keys)


def _differs(stage: Stage, columns: list[str], values: list[Any]) -> str:
    if stage.connection.vendor == "postgresql":
        # By the bytes: IS DISTINCT FROM takes 1.0 in jsonb for 1, and cannot json.
        theirs = ", ".join(f"t.{column}" for column in columns)
        return f"ROW({theirs})::record *<> ROW({', '.join(values)})::record"
    pairs = zip(columns, values, strict=True)
    # By the bytes, too: a column may compare without regard to case.
    differ = (f"t.{c} IS NOT {v} COLLATE BINARY" for c, v in pairs)
    return f"({' OR '.join(differ)})"
