"""Write what the staging tables hold: update what differs, insert what is missing."""

from __future__ import annotations

from loaddata_stdin.attempts import attempt
from loaddata_stdin.report import Counts
from loaddata_stdin.stage import ALL, Stage

__all__ = ["write"]


def write(stage: Stage, counts: Counts) -> None:
    """Write the objects of one model that are ready, and count them.

    `INSERT ... ON CONFLICT` is not used: it checks NOT NULL before the conflict, and
    fires the triggers of inserts on updates.

    Raises:
        ObjectIntegrityError: the database refuses an object.
    """
    [(count,)] = stage.rows(
        f"SELECT COUNT(*) FROM {stage.name} AS s WHERE {stage.ready}"  # noqa: S608
    )
    if not count:
        return
    updated = attempt(stage, _update(stage)) if stage.target.rest else 0
    created = attempt(stage, _insert(stage))
    counts.updated += updated
    counts.created += created
    counts.unchanged += count - updated - created


def _update(stage: Stage) -> str:
    columns = [stage.quote(field.column) for field in stage.target.rest]
    assignments = ", ".join(f"{column} = s.{column}" for column in columns)
    return (
        f"UPDATE {_table(stage)} AS t SET {assignments} FROM {stage.name} AS s"  # noqa: S608
        f" WHERE {_same_key(stage)} AND {ALL} AND {stage.ready}"
        f" AND {_differs(stage, columns)}"
    )


def _insert(stage: Stage) -> str:
    columns = [stage.quote(field.column) for field in stage.target.fields]
    # An identity that is always generated takes no keys without it.
    overriding = (
        " OVERRIDING SYSTEM VALUE" if stage.connection.vendor == "postgresql" else ""
    )
    return (
        f"INSERT INTO {_table(stage)} ({', '.join(columns)}){overriding}"  # noqa: S608
        f" SELECT {', '.join(f's.{column}' for column in columns)}"
        f" FROM {stage.name} AS s WHERE {ALL} AND {stage.ready} AND NOT EXISTS"
        f" (SELECT 1 FROM {_table(stage)} AS t WHERE {_same_key(stage)})"
        ' ORDER BY s."#number"'
    )


def _table(stage: Stage) -> str:
    return stage.quote(stage.target.model._meta.db_table)


def _same_key(stage: Stage) -> str:
    return " AND ".join(f"t.{key} = s.{key}" for key in stage.keys)


def _differs(stage: Stage, columns: list[str]) -> str:
    if stage.connection.vendor == "postgresql":
        # By the bytes: IS DISTINCT FROM takes 1.0 in jsonb for 1, and cannot json.
        ours = ", ".join(f"s.{column}" for column in columns)
        theirs = ", ".join(f"t.{column}" for column in columns)
        return f"ROW({theirs})::record *<> ROW({ours})::record"
    return "(" + " OR ".join(f"t.{c} IS NOT s.{c}" for c in columns) + ")"
