"""Objects of one stream that have the same primary key."""

from __future__ import annotations

from itertools import chain

from loaddata_stdin.exceptions import ObjectIntegrityError
from loaddata_stdin.stage.objects import Stage
from loaddata_stdin.stage.server_cursor import read_rows

__all__ = ["keep_first", "keep_last", "merge", "refuse_duplicates"]


def keep_first(stage: Stage) -> int:
    """Remove the objects before which another one has the same primary key.

    Returns:
        How many of them were not written before.
    """
    return _keep_one(stage, '"#number"')


def keep_last(stage: Stage) -> int:
    """Remove the objects after which another one has the same primary key.

    Returns:
        How many of them were not written before.
    """
    if stage.problems.secrets.has_any and (stage.is_partial or stage.written):
        _share_secrets(stage)
    return _keep_one(stage, '"#number" DESC')


def _share_secrets(stage: Stage) -> None:
    """Let an object hold the secrets that the one before it with its key holds."""
    secrets = stage.problems.secrets
    query = (
        'SELECT n, before FROM (SELECT "#number" AS n, LAG("#number") OVER (PARTITION BY'  # noqa: S608
        f' {", ".join(stage.keys)} ORDER BY "#number") AS before FROM {stage.name}'
        f" WHERE {_has_key(stage)}) AS o WHERE before IS NOT NULL ORDER BY n"
    )
    for number, before in chain.from_iterable(read_rows(stage, query)):
        if secrets.holds(before):
            secrets.hold(number)


def _keep_one(stage: Stage, order: str) -> int:
    # A join of the table with itself grows with the square of the objects of one key.
    keys = ", ".join(stage.keys)
    others = (
        f'SELECT n FROM (SELECT "#number" AS n, ROW_NUMBER() OVER (PARTITION BY {keys}'  # noqa: S608
        f" ORDER BY {order}) AS nth FROM {stage.name} WHERE {_has_key(stage)}) AS o"
        " WHERE nth > 1"
    )
    where = f'FROM {stage.name} WHERE "#number" IN ({others})'
    is_new = f'("#number" > {stage.written} OR "#late" IS NOT NULL)'
    [(count,)] = stage.rows(f"SELECT COUNT(*) {where} AND {is_new}")
    stage.execute(f"DELETE {where}")
    found: int = count
    return found


def _has_key(stage: Stage) -> str:
    """Return the condition that an object does not wait for its primary key."""
    return " AND ".join(f"{key} IS NOT NULL" for key in stage.keys)


def refuse_duplicates(stage: Stage) -> None:
    """Refuse objects before which another one has the same primary key.

    Raises:
        LoaddataStdinError: there are enough problems; each names both.
    """
    keys, problems = ", ".join(stage.keys), stage.problems
    found = stage.rows(
        'SELECT "#number", first FROM (SELECT "#number", MIN("#number") OVER'  # noqa: S608
        f" (PARTITION BY {keys}) AS first FROM {stage.name} WHERE {_has_key(stage)}) AS n"
        f' WHERE "#number" <> first ORDER BY "#number" LIMIT {problems.most}'
    )
    for numbers in found:
        second, first = (stage.place(f's."#number" = {number}') for number in numbers)
        shown = problems.secrets.shown(first) if first else ""
        what = f"{shown} has the same key, and --on-conflict is 'error'."
        problems.add(second, what, ObjectIntegrityError())
    if found:
        keep_first(stage)


def merge(stage: Stage) -> None:
    """Give the last object with a key what those before it list and it does not.

    One statement for each field, however many objects have the same key.
    """
    number, listed = '"#number"', '"#listed"'
    same = " AND ".join(f"o.{key} = s.{key}" for key in stage.keys)
    keys = ", ".join(f"o.{key}" for key in stage.keys)
    waits = f'(o.{number} > {stage.written} OR o."#late" IS NOT NULL)'
    for place, field in enumerate(stage.target.fields, start=1):
        if field in stage.target.keys:
            continue
        columns = [stage.quote(field.column)]
        if field in stage.target.references:
            columns.append(stage.quote(f"#{field.column}"))
        values = ", ".join(f"{column} = o.{column}" for column in columns)
        bits = f"substr(s.{listed}, 1, {place - 1}) || '1' || substr(s.{listed}, {place + 1})"
        stage.execute(
            f"UPDATE {stage.name} AS s SET {values}, {listed} = {bits} FROM"  # noqa: S608
            f" (SELECT o.* FROM {stage.name} AS o JOIN (SELECT MAX(o.{number}) AS n"
            f" FROM {stage.name} AS o WHERE substr(o.{listed}, {place}, 1) = '1'"
            f" AND {waits} GROUP BY {keys}) AS m ON m.n = o.{number}) AS o"
            f" WHERE {same} AND o.{number} < s.{number}"
            f" AND substr(s.{listed}, {place}, 1) = '0'"
        )
