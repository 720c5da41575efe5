"""Objects that wait for each other: written without a reference, which follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from loaddata_stdin.resolve.references import References
from loaddata_stdin.stage.attempts import attempt
from loaddata_stdin.stage.objects import AGAIN, ALL, Stage

__all__ = ["Rings"]


class Rings:
    """Breaks rings at references that may be null, as Django's deserialiser does."""

    def __init__(self, references: Mapping[Stage, Sequence[References]]) -> None:
        """Break none yet.

        Args:
            references: those of each staging table.
        """
        self._references = references
        # Their natural keys, in tables of their own, by the number of the object.
        self._aside: list[tuple[Stage, References, str]] = []

    def part(self, *, is_ignoring: bool) -> int:
        """Let what waits for others be written without them; return how much that is.

        Args:
            is_ignoring: whether rows that are there already stay as they are.
        """
        parted = 0
        for stage, references in self._references.items():
            waits = f's."#late" = {AGAIN}'
            for each in references:
                if not each.field.null:
                    waits += f" AND NOT ({each.is_open})"
            if is_ignoring:
                waits += f" AND NOT {stage.is_there}"
            for each in references:
                if each.field.null:
                    parted += self._set_aside(stage, each, waits)
        return parted

    def _set_aside(self, stage: Stage, references: References, waits: str) -> int:
        where = f"{references.is_open} AND {waits}"
        if not stage.place(where):
            return 0
        aside = stage.new_name()
        stage.execute(
            f'CREATE TEMPORARY TABLE {aside} AS SELECT s."#number" AS number,'  # noqa: S608
            f" s.{references.text} AS text FROM {stage.name} AS s WHERE {where}"
        )
        self._aside.append((stage, references, aside))
        return stage.execute(
            f"UPDATE {stage.name} AS s SET {references.text} = NULL"  # noqa: S608
            f" WHERE {_is_in(aside)}"
        )

    def join(self, stages: Mapping[Any, Stage]) -> None:
        """Write the references that were left out, now that all objects are there.

        Args:
            stages: by model.

        Raises:
            LoaddataStdinError: a reference leads nowhere, or the database refuses it.
        """
        for stage, references, aside in self._aside:
            stage.execute(
                f"UPDATE {stage.name} AS s SET {references.text} = a.text"  # noqa: S608
                f' FROM {aside} AS a WHERE a.number = s."#number"'
            )
            references.join_rows()
            references.refuse_open(stages)
            table = stage.quote(stage.target.model._meta.db_table)
            column = references.column
            attempt(
                stage,
                f"UPDATE {table} AS t SET {column} = s.{column} FROM {stage.name} AS s"  # noqa: S608
                f" WHERE {stage.same_key} AND {ALL} AND {_is_in(aside)}",
            )
            stage.execute(f"DROP TABLE {aside}")
        self._aside.clear()


def _is_in(aside: str) -> str:
    return f's."#number" IN (SELECT a.number FROM {aside} AS a)'  # noqa: S608
