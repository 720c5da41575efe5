"""The staging tables of a load, and the order in which they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import DatabaseError, models
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.bulk.write_lock import Turn
from loaddata_stdin.encode.cells import dialect
from loaddata_stdin.exceptions import ObjectIntegrityError
from loaddata_stdin.model.plan import Plan
from loaddata_stdin.model.target import Target
from loaddata_stdin.objects import Place
from loaddata_stdin.options import Options
from loaddata_stdin.problems.problems import Problems
from loaddata_stdin.report import Counts, Report
from loaddata_stdin.resolve.key_option import Keys
from loaddata_stdin.resolve.many_to_many import Relation
from loaddata_stdin.resolve.order import in_order
from loaddata_stdin.resolve.references import References, allot_keys
from loaddata_stdin.resolve.rings import Rings
from loaddata_stdin.resolve.sequences import Sequences
from loaddata_stdin.stage.attempts import settle
from loaddata_stdin.stage.objects import AGAIN, LATE, Stage
from loaddata_stdin.stage.sending import may_send_ahead
from loaddata_stdin.stage.table import Table
from loaddata_stdin.write.dangling import refuse_broken, refuse_twins
from loaddata_stdin.write.differences import Differences
from loaddata_stdin.write.statements import Writer

__all__ = ["Tables"]


class Tables:
    """Staging tables by model.

    Attributes:
        dialect: what the database takes as cells.
        keys: which rows are found by other fields than the primary key.
    """

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        report: Report,
        options: Options,
        problems: Problems,
        sequences: Sequences,
    ) -> None:
        """Create none yet."""
        self._problems = problems
        self.dialect = dialect(connection)
        self._connection = connection
        self._options = options
        self._may_send_ahead = may_send_ahead(connection)
        self._sequences = sequences
        self._turn = Turn(connection)
        self.keys = Keys(connection, options, problems, sequences)
        differences = Differences(options, problems.secrets) if options.differ else None
        self._writer = Writer(options, report, sequences, differences)
        self._stages: dict[type[models.Model], Stage] = {}
        self._references: dict[Stage, list[References]] = {}
        self._relations: dict[Any, Relation] = {}  # Any: a many-to-many field

    def prepare(self, plan: Plan) -> None:
        """Tell a plan which objects of its model must have a primary key."""
        self.keys.prepare()
        model, has_keys = plan.target.model, bool(self.keys.of(plan.target.model))
        plan.needs_key &= not has_keys
        if not plan.reason and self._sequences.default_of(model):
            plan.leave_keys(is_always=has_keys)

    def stage(self, target: Target) -> Stage:
        """Return the staging table of a model."""
        stage = self._stages.get(target.model)
        if stage is None:
            stage = self._stages[target.model] = self._new_stage(target)
            self._references[stage] = [
                References(stage, field, field.column, f"#{field.column}")
                for field in target.references
            ]
        return stage

    def _new_stage(self, target: Target) -> Stage:
        aside = self.keys.columns(target.fields)
        more = {**aside, **({"#listed": "text"} if self._options.is_patch else {})}
        has_keys = bool(self.keys.of(target.model))
        if has_keys:
            more["#local"] = target.keys[0].rel_db_type(self._connection)
        stage = Stage(self._connection, target, self._problems, more)
        stage.may_wait = bool(target.references or aside)
        stage.may_send_ahead = self._may_send_ahead
        # Their keys are not those of the stream.
        if has_keys or any(self.keys.columns(target.keys)):
            stage.is_sorted = False
        return stage

    def find(self, row: models.Model, counts: Counts) -> Place | None:
        """Return where an object of bulk with the same primary key stands.

        Args:
            row: is about to be saved by itself.
            counts: of its model.

        Raises:
            ObjectIntegrityError: a patch of the row waits.
        """
        stage = self._stages.get(row._meta.concrete_model or type(row))
        if stage is None or row.pk is None:
            return None
        stage.index_keys()
        pairs = zip(stage.keys, stage.target.keys, strict=True)
        same = " AND ".join(f"s.{key} = %s" for key, _ in pairs)
        parts = [
            field.get_db_prep_save(getattr(row, field.attname), self._connection)
            for field in stage.target.keys
        ]
        found = stage.place(same, parts)
        if not found or self._options.on_conflict != "update":
            return found
        self._overtake(stage, f'{same} AND s."#late" IS NOT NULL', parts, counts)
        return None

    def _overtake(
        self, stage: Stage, waits: str, parts: list[Any], counts: Counts
    ) -> None:
        """Take away an object that waits for a later one than what takes its place."""
        if not (waiting := stage.place(waits, parts)):
            return
        if self._options.is_patch:
            message = (
                f"{self._problems.secrets.shown(waiting)} patches the same row, and waits"
                " for an object that comes later; send that before both."
            )
            raise ObjectIntegrityError(message)
        this = f's."#number" = {waiting.number}'
        for relation in self._relations.values():
            if relation.owner is stage:
                relation.remove(this)
        stage.remove(this)
        counts.repeated += 1

    def relation(self, field: Any, owner: Stage) -> Relation:
        """Return the staging table of a many-to-many field."""
        if field not in self._relations:
            self._relations[field] = Relation(field, owner, self.dialect, self.keys)
        return self._relations[field]

    def write(self, number: int, *, is_last: bool) -> None:
        """Write what has been sent; what waits for later objects stays.

        Args:
            number: of the last object that has been sent.
            is_last: whether nothing comes any more, so that nothing may stay.

        Raises:
            ObjectLoadError: an object cannot be written.
        """
        for table in self._all():
            settle(table)
        self._write(number)
        if not is_last:
            for relation in self._relations.values():
                relation.forget()
        late = self._wake()
        if is_last and late:
            self._write_late(number, late)
            self._write_rings(number)
            for references in self._all_references():
                references.refuse_open(self._stages)
            for stage in self._stages.values():
                self.keys.refuse_open(stage, stage.target.fields)
            for relation in self._relations.values():
                self.keys.refuse_open(relation, [relation.target])

    def _write_late(self, number: int, late: int) -> None:
        """Write what waited for others, as long as there is less of it each time."""
        before = late + 1
        while 0 < late < before:
            before = late
            # What was named by objects of the last pass is there now.
            self._write(number)
            late = self._wake()

    def _write_rings(self, number: int) -> None:
        """Write what waits for itself: without the references that may be null first."""
        rings = Rings(self._references)
        is_ignoring = self._options.on_conflict == "ignore"
        while rings.part(is_ignoring=is_ignoring):
            self._write(number)
            self._write_late(number, self._wake())
        rings.join(self._stages)

    def _find(self, number: int) -> None:
        """Find rows by other fields than the primary key, and what refers to them."""
        for stage in self._stages.values():
            self.keys.set_aside(stage, stage.target.fields)
        for stage in self.keys.in_order(self._stages.values()):
            fields = self.keys.of(stage.target.model)
            for references in self._references[stage]:
                if references.field in fields:
                    references.join_stage(self._stages)
                    references.join_rows()
            self.keys.take(stage, number)
        for stage in self._stages.values():
            self.keys.put_back(stage, stage.target.fields)
        for relation in self._relations.values():
            relation.find_keys()

    def begin_saving(self, model: type[models.Model]) -> None:
        """Get ready for saving objects of a model one by one.

        Raises:
            LoaddataStdinError: a sequence belongs to somebody else, in a dry run.
        """
        self._turn.take()
        self._sequences.hold(model)

    def _write(self, number: int) -> None:
        self._turn.take()
        if self._options.keys:
            self._find(number)
        for stage in self._stages.values():
            if len(stage.keys) == 1 and not self.keys.of(stage.target.model):
                allot_keys(stage, self._sequences)
        for relation in self._relations.values():
            relation.own()
        for references in self._all_references():
            references.join_stage(self._stages)
        for stage in self.in_order():
            for references in self._references[stage]:
                references.join_rows()
            relations = [r for r in self._relations.values() if r.owner is stage]
            self._writer.write(stage, relations)
        for relation in self._relations.values():
            relation.references.join_rows()
            relation.wait_together()
            self._writer.write_relation(relation)
        for stage in self._stages.values():
            stage.written = number

    def _wake(self) -> int:
        """Look at what is late again the next time; return how much there is."""
        late = 0
        for table in (*self._stages.values(), *self._relations.values()):
            if not table.may_wait:
                continue
            table.execute(
                f'UPDATE {table.name} SET "#late" = NULL WHERE "#late" = {AGAIN}'  # noqa: S608
            )
            late += table.execute(
                f'UPDATE {table.name} SET "#late" = {AGAIN} WHERE "#late" = {LATE}'  # noqa: S608
            )
        return late

    def _all_references(self) -> Iterator[References]:
        for each in self._references.values():
            yield from each
        for relation in self._relations.values():
            yield relation.references

    def in_order(self) -> list[Stage]:
        """Return the tables, each after those that it refers to, but for cycles."""
        return in_order(self._stages)

    def refuse_broken(self, error: DatabaseError) -> bool:
        """Refuse the objects whose references lead nowhere; return whether there are any.

        Args:
            error: what the database said of one of them.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        stages, relations = self._stages.values(), self._relations.values()
        is_twin = refuse_twins(stages, self._problems, error)
        return refuse_broken(stages, relations, self._problems, error) or is_twin

    def tables(self) -> list[str]:
        """Return the names of the tables that may have been written to."""
        names = [model._meta.db_table for model in self._stages]
        through = [f.remote_field.through._meta.db_table for f in self._relations]
        return names + through

    def end_sending(self) -> None:
        """Wait for what is sent, so that the connection is free."""
        for table in self._all():
            if table.sending:
                table.sending.end()

    def drop(self) -> None:
        """Drop the staging tables."""
        for table in self._all():
            table.drop()
        self.keys.drop()

    def _all(self) -> Iterator[Table]:
        yield from self._stages.values()
        yield from self._relations.values()
