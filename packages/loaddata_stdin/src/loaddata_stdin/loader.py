"""Take objects, and let each be written in bulk or by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.core.management.color import no_style
from django.db import (
    DatabaseError,
    connections,
    models,
    router,
    transaction,
)

from loaddata_stdin.exceptions import (
    FieldValueError,
    ObjectValueError,
    SubstitutionError,
)
from loaddata_stdin.objects import FixtureObject, Place
from loaddata_stdin.options import Options
from loaddata_stdin.plan import VENDORS, reason_against_bulk, reasons_of_fields
from loaddata_stdin.problems import Problems
from loaddata_stdin.report import Report
from loaddata_stdin.rows import rows_of
from loaddata_stdin.shapes import Shape
from loaddata_stdin.single import OneByOne
from loaddata_stdin.tables import Tables
from loaddata_stdin.target import Target

__all__ = ["Loader"]

# So much is kept before it is sent.
_CHARACTERS = 1024 * 1024
_OBJECTS = 5000
_OF_OBJECT = (
    FieldValueError,
    FieldDoesNotExist,
    ObjectValueError,
    SubstitutionError,
)


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
        has_tables = self._connection.vendor in VENDORS
        self._problems = problems
        self._tables = (
            Tables(self._connection, self.report, problems) if has_tables else None
        )
        self._single = OneByOne(options.using, problems, is_lenient=options.is_lenient)
        self._plans: dict[str, _Plan | None] = {}
        self._shapes: dict[tuple[str, ...], Shape] = {}
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
        # Most objects are like one before: this is all that is done with them.
        shapes = {} if self._options.substitution else self._shapes
        for item in objects:
            values = item.values
            shape = shapes.get((values["model"], item.format, *values["fields"]))
            try:
                if shape and (values.get("pk") is not None or not shape.needs_key):
                    self._keep(shape, item)
                else:
                    self._other(item)
            except _OF_OBJECT as error:
                place = self._place(item, getattr(error, "field", ""), place_of)
                self._problems.refuse(place, error)

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
        self.report.loaded += 1
        self._size += shape.add(item)
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
        reason = plan.reason or plan.reason_of(item.fields)
        if reason:
            self.report.slow.setdefault(label, reason)
        if reason or (plan.needs_key and item.values.get("pk") is None):
            self._write(is_last=False)
            self._single.save(plan.model, item)
            self.report.loaded += 1
            self.report.of(plan.label).saved += 1
            return
        key = (label, item.format, *item.fields)
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = self._shape(plan, item)
        self._keep(shape, item)

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
        self._write(is_last=True)
        self._single.finish()
        self._check()
        if self._tables:
            self._tables.drop()
        self._problems.finish()

    def reset_sequences(self) -> None:
        """Let the sequences go on after the keys that were loaded."""
        statements = self._connection.ops.sequence_reset_sql(no_style(), [*self.models])
        with self._connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def _plan(self, item: FixtureObject) -> _Plan | None:
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
            is_excluded = (
                model in options.excluded_models
                or model._meta.app_config in options.excluded_apps
            )
            if not is_excluded and router.allow_migrate_model(options.using, model):
                plan = _Plan(model, self._connection)
                self.models.add(model)
        self._plans[label] = plan
        return plan

    def _shape(self, plan: _Plan, item: FixtureObject) -> Shape:
        tables = self._tables
        assert tables  # noqa: S101  # Without them every plan has a reason.
        names, format_name = tuple(item.fields), item.format
        rows = rows_of(
            plan.target,
            names,
            tables.dialect,
            format_name=format_name,
            is_lenient=self._options.is_lenient,
            is_strict=self._options.substitution is not None,
        )
        stage = tables.stage(plan.target)
        if any(key.name in names for key in plan.target.keys):
            # Not that of the object, then.
            stage.is_sorted, stage.has_keyless = False, True
        shape = Shape(stage, rows, needs_key=plan.needs_key)
        for field in rows.relations:
            relation = tables.relation(field, stage)
            shape.list_also(relation, relation.maker(field.name, format_name))
        return shape

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
        names = [model._meta.db_table for model in self.models]
        if self._tables:
            names = [*{*names, *self._tables.tables()}]
        try:
            with transaction.atomic(using=self._options.using):
                self._connection.check_constraints(table_names=names)
        except DatabaseError as error:
            in_tables = self._tables and self._tables.refuse_broken(error)
            if not (self._single.refuse_broken(error) or in_tables):
                self._problems.refuse(None, error)


class _Plan:
    """How the objects of a model are loaded.

    Attributes:
        model: as the fixture names it, perhaps a proxy.
        target: the table.
        label: of the concrete model.
        reason: why they are saved one by one; None: they are not.
        needs_key: whether those without a primary key are saved one by one.
    """

    def __init__(self, model: type[models.Model], connection: Any) -> None:
        concrete: Any = model._meta.concrete_model
        self.model = model
        self.target = Target(concrete)
        self.label = concrete._meta.label_lower
        self.reason = reason_against_bulk(model, self.target, connection)
        self._reasons = reasons_of_fields(concrete)
        natural = self.target.natural
        self.needs_key = bool(
            not self.reason and natural and not natural.is_plain(connection.alias)
        )

    def reason_of(self, names: Iterable[str]) -> str | None:
        """Return why an object that lists these fields is saved by itself."""
        found = (self._reasons[name] for name in names if name in self._reasons)
        return next(found, None)
