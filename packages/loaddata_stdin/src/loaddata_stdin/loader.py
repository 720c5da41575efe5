"""Take objects, and let each be written in bulk or by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.core.management.color import no_style
from django.db import DatabaseError, connections, models, router, transaction

from loaddata_stdin.bulk.new_shape import new_shape
from loaddata_stdin.bulk.shapes import Shape
from loaddata_stdin.bulk.tables import Tables
from loaddata_stdin.encode.rows import has_own_init
from loaddata_stdin.exceptions import (
    FieldValueError,
    NeedsObjectError,
    ObjectIntegrityError,
    ObjectValueError,
    SubstitutionError,
)
from loaddata_stdin.finish.deletion import delete_missing
from loaddata_stdin.finish.validation import validate
from loaddata_stdin.model.plan import Plan, has_tables
from loaddata_stdin.objects import FixtureObject, Place
from loaddata_stdin.one_by_one.ledger import Entries, Ledger
from loaddata_stdin.one_by_one.saving import OneByOne, through_models
from loaddata_stdin.options import Options
from loaddata_stdin.problems.problems import Problems
from loaddata_stdin.problems.secrets import omit_rows_from_log
from loaddata_stdin.report import Report
from loaddata_stdin.resolve.sequences import Sequences
from loaddata_stdin.stage.objects import Stage

__all__ = ["Loader"]

# So much is kept before it is sent: not two of the largest objects.
_CHARACTERS = 512 * 1024
_OBJECTS = 5000
_OF_OBJECT = FieldValueError, FieldDoesNotExist, ObjectValueError, SubstitutionError
_PlaceOf = Callable[..., tuple[int, int] | None]


class Loader:
    """Loads objects in a transaction that is there already.

    Attributes:
        report: what has been done so far.
        models: those whose objects have been loaded.
    """

    def __init__(self, options: Options, problems: Problems) -> None:
        """Write nothing yet."""
        self.report = Report()
        self.models: set[type[models.Model]] = set()
        self._options = options
        self._connection = connections[options.using]
        self._problems = problems
        if options.substitution:
            omit_rows_from_log(self._connection)
        sequences = Sequences(self._connection, is_dry_run=options.is_dry_run)
        self._tables = (
            Tables(self._connection, self.report, options, problems, sequences)
            if has_tables(self._connection, options)
            else None
        )
        has_ledger = options.needs_ledger
        self._ledger = Ledger(self._connection, problems) if has_ledger else None
        self._single = OneByOne(options, problems, self._ledger, self._tables)
        self._plans: dict[str, Plan | None] = {}
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._one_by_one: set[type[models.Model]] = set()
        self._size = self._count = 0
        self._is_staged = False

    def load(
        self,
        objects: Iterable[FixtureObject],
        place_of: _PlaceOf = lambda *keys: None,
    ) -> None:
        """Take objects; what can be written in bulk is not written yet.

        Args:
            objects: in the order of the stream.
            place_of: returns the place of a value in the last of them, by its keys.

        Raises:
            LoaddataStdinError: an object cannot be loaded.
        """
        try:
            self._take(objects, place_of)
        finally:
            if self._tables:
                self._tables.end_sending()

    def _take(self, objects: Iterable[FixtureObject], place_of: _PlaceOf) -> None:
        # Most objects are like one before: this is all that is done with them.
        shapes = {} if self._options.substitution else self._shapes
        for item in objects:
            values = item.values
            shape = shapes.get((values["model"], item.format, *values["fields"]))
            try:
                try:
                    if shape and (values.get("pk") is not None or not shape.needs_key):
                        self._keep(shape, item)
                    else:
                        self._other(item)
                except NeedsObjectError as error:
                    self._save_instead(item, error)
            except _OF_OBJECT as error:
                place = self._place(item, getattr(error, "field", ""), place_of)
                self._problems.refuse(place, error)
            # The next one is read without it in memory.
            del item, values

    def _place(self, item: FixtureObject, name: str, place_of: _PlaceOf) -> Place:
        """Return the place of an object's field, or of the object."""
        plan = self._plans.get(item.model)
        keys = {"pk"} | ({field.name for field in plan.target.keys} if plan else set())
        found = place_of("fields", name) if name else None
        if not found and name in keys:
            found = place_of("pk")
        line, column = found or (item.line, item.column)
        return item.place._replace(line=line, column=column)

    def _keep(self, shape: Shape, item: FixtureObject) -> None:
        self.report.read = item.number
        self._size += shape.add(item)
        self.report.loaded += 1
        self._count += 1
        self._is_staged = True
        if self._size > _CHARACTERS or self._count > _OBJECTS:
            self._send()

    def _other(self, item: FixtureObject) -> None:
        """Take an object whose like there was not, or that must be looked at."""
        self.report.read = item.number
        label = item.model
        plan = self._plans[label] if label in self._plans else self._plan(item)
        if plan is None:
            return
        item = self._problems.secrets.replaced(plan.model, item, self._connection)
        reason = plan.reason or plan.reason_of(item)
        if reason:
            self.report.slow.setdefault(label, reason)
        if reason or plan.target.model in self._one_by_one:
            self._save(plan, item)
            return
        key = (label, item.format, *item.fields)
        shape = self._shapes.get(key)
        if shape is None:
            assert self._tables  # noqa: S101  # Without them every plan has a reason.
            shape = new_shape(self._tables, plan, item, self._options)
            self._shapes[key] = shape
        self._keep(shape, item)

    def _save_instead(self, item: FixtureObject, error: NeedsObjectError) -> None:
        plan = self._plans[item.model]
        assert plan  # noqa: S101  # It has made rows.
        plan.reason = str(error)
        self._other(item)

    def _save(self, plan: Plan, item: FixtureObject) -> None:
        """Save an object by itself, and from then on all of its model, in their order."""
        self._write(is_last=False)
        model = plan.target.model
        if model not in self._one_by_one:
            self._one_by_one.add(model)
            for key in [k for k, s in self._shapes.items() if s.model is model]:
                del self._shapes[key]
        self._single.save(plan.model, item, self.report.of(plan.label))
        self.report.loaded += 1

    def flush(self) -> None:
        """Write all that waits for no later object.

        Raises:
            ObjectLoadError: an object cannot be written.
        """
        self._write(is_last=False)

    def finish(self) -> None:
        """Write the rest, and check that every reference leads somewhere.

        Raises:
            ObjectLoadError: an object cannot be written.
        """
        self._end_waiting()
        self._write(is_last=True)
        self._single.finish()
        if self._tables:
            self._complete(self._tables)
        else:
            self._check()
        self._problems.finish()

    def _end_waiting(self) -> None:
        """Save what waited for the primary keys of others, now that all have come."""
        if self._tables:
            self._tables.keys.is_complete = True
        # A --key may be told by references to models with a --key, and so on.
        for _ in range(len(self._options.keys) + 2):
            if not self._single.is_waiting:
                return
            self._is_staged = True
            self._write(is_last=False)
            self._single.go_on()
        self._single.refuse_waiting()

    def _complete(self, tables: Tables) -> None:
        """Delete what is missing, and look at what has been written."""
        held = [*tables.in_order(), *(self._ledger.all() if self._ledger else ())]
        # What is refused is not missing.
        refusal = None
        if self._options.deletes_missing and not self._problems.has_any:
            refusal = self._delete_missing(held)
        self._options.phase("checking constraints")
        self._check()
        for table in held if self._options.is_validated else ():
            self._options.phase(f"validating {table.label}")
            validate(table, is_shared=table.target.model in self._one_by_one)
        if refusal:
            self._problems.add(None, str(refusal), refusal)
        tables.drop()
        if self._ledger:
            self._ledger.drop()

    def _delete_missing(
        self, held: list[Stage | Entries]
    ) -> ObjectIntegrityError | None:
        """Delete what is missing; return why that is refused, after all other problems."""
        try:
            delete_missing(held, self._options, self.report)
        except ObjectIntegrityError as refusal:
            if not self._problems.is_collecting:
                raise
            return refusal
        return None

    def reset_sequences(self) -> None:
        """Let the sequences go on after the keys that were loaded."""
        if self._options.is_dry_run:
            return
        statements = self._connection.ops.sequence_reset_sql(no_style(), [*self.models])
        with self._connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def _plan(self, item: FixtureObject) -> Plan | None:
        """Return how the objects of a model are loaded; None: they are left out."""
        options, label = self._options, item.model
        plan = None
        try:
            model = apps.get_model(label)
        except (LookupError, ValueError) as error:
            if not options.is_lenient:
                message = f"Invalid model identifier: {label}"
                raise ObjectValueError(message) from error
        else:
            if not options.is_left_out(model) and router.allow_migrate_model(
                options.using, model
            ):
                plan = Plan(model, self._connection)
                if self._tables:
                    self._tables.prepare(plan)
                self.models.add(model)
                if has_own_init(plan.target.model):
                    # That of Wagtail's pages makes a content type that is not there yet.
                    self._write(is_last=False)
        self._plans[label] = plan
        return plan

    def _send(self) -> None:
        for shape in self._shapes.values():
            shape.send()
        self._size = self._count = 0

    def _write(self, *, is_last: bool) -> None:
        if not (self._is_staged or is_last):
            return
        self._send()
        self._is_staged = False
        if self._tables:
            self._tables.write(self.report.read, is_last=is_last)

    def _check(self) -> None:
        # Also the tables of many-to-many fields that are saved one by one.
        names = [
            each._meta.db_table
            for model in self.models
            for each in (model, *through_models(model))
        ]
        if self._tables:
            names = [*{*names, *self._tables.tables()}]
        try:
            with transaction.atomic(using=self._options.using):
                self._connection.check_constraints(table_names=names)
        except DatabaseError as error:
            in_tables = self._tables and self._tables.refuse_broken(error)
            if not (self._single.refuse_broken(error) or in_tables):
                self._problems.refuse(None, error)
