"""Save objects one by one, as Django does."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.core.serializers.python import Deserializer
from django.db import DatabaseError, models, transaction
from django.db.models import Exists, OuterRef

from loaddata_stdin.diagnosis import Diagnosis
from loaddata_stdin.differences import Differences
from loaddata_stdin.exceptions import ObjectIntegrityError, ObjectValueError
from loaddata_stdin.keys import Keys
from loaddata_stdin.ledger import Ledger
from loaddata_stdin.objects import FixtureObject, Place
from loaddata_stdin.options import Options
from loaddata_stdin.problems import Problems
from loaddata_stdin.report import Counts
from loaddata_stdin.typed import typed

__all__ = ["OneByOne", "require"]

# Any in this module: Django's deserialised objects have no types, values of fields.


class OneByOne:
    """Django's deserialiser, and the objects that wait for others there."""

    def __init__(
        self,
        options: Options,
        problems: Problems,
        ledger: Ledger | None,
        keys: Keys | None,
    ) -> None:
        """Take what is done where a row is there already.

        Args:
            options: how objects are loaded.
            problems: what takes those that objects have.
            ledger: remembers what was saved; None where nobody asks it.
            keys: which rows are found by other fields than the primary key.
        """
        self._options = options
        self._problems = problems
        self._ledger = ledger
        self._keys = keys if options.keys else None
        self._differences = Differences(options) if options.differ else None
        self._deferred: deque[tuple[Place, Any]] = deque()
        self._models: set[type[models.Model]] = set()

    def save(
        self, model: type[models.Model], item: FixtureObject, counts: Counts
    ) -> None:
        """Save an object, and count it.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        self._models.add(model._meta.concrete_model or model)
        using = self._options.using
        with self._refusing(item.place, model):
            values = typed(model, item)
            if self._keys:
                values = self._keys.followed(model, values)
            for made in Deserializer(
                [values],
                using=using,
                ignorenonexistent=self._options.is_lenient,
                handle_forward_references=True,
            ):
                self._save(made, item, counts)
                if made.deferred_fields:
                    self._deferred.append((item.place, made))

    def _save(self, made: Any, item: FixtureObject, counts: Counts) -> None:
        row = made.object
        keys = self._keys if self._keys and self._keys.of(type(row)) else None
        local = row.pk
        if keys:
            require(keys.of(type(row)), item)
            keys.find(row)
        before = self._values(row)
        seen = self._ledger.find(row) if self._ledger else None
        if before is not None and not self._may_write(seen):
            counts.ignored += not seen
            made.deferred_fields = None
        else:
            if before is not None and self._options.is_patch:
                _keep_unlisted(row, before, item)
            made.save(using=self._options.using)
            self._count(row, before, counts)
        counts.saved += 1
        if keys and local is not None:
            keys.locals_of(type(row)).add(local, row.pk)
        if self._ledger:
            self._ledger.add(row, item)

    def _may_write(self, seen: Place | None) -> bool:
        """Return whether a row that is there may be written.

        Args:
            seen: where the stream had the row before; None: the row was there before.
        """
        if self._options.on_conflict == "error":
            shown = seen and self._problems.secrets.shown(seen)
            what = f"{shown} has the same key" if shown else "the row is there already"
            message = f"{what}, and --on-conflict is 'error'."
            raise ObjectIntegrityError(message)
        return self._options.on_conflict == "update"

    def _values(self, row: models.Model) -> dict[str, Any] | None:
        """Return what the table holds for an object; None: there is no row."""
        if row.pk is None:
            return None
        names = [field.attname for field in row._meta.local_concrete_fields]
        model: type[models.Model] = type(row)
        query: Any = models.QuerySet(model=model, using=self._options.using)
        # Of a child whose parent is there the own table may hold nothing.
        found: dict[str, Any] | None = query.filter(pk=row.pk).values(*names).first()
        return found

    def _count(
        self, row: models.Model, before: dict[str, Any] | None, counts: Counts
    ) -> None:
        after = self._values(row) if before else None
        key = [row.pk]
        if not before or not after:
            counts.created += 1
            if self._differences:
                self._differences.created(row._meta.label_lower, key)
        elif before == after:
            counts.unchanged += 1
        else:
            counts.updated += 1
            if self._differences:
                names = [field.name for field in row._meta.local_concrete_fields]
                self._differences.updated(
                    row._meta.label_lower,
                    key,
                    names,
                    list(before.values()),
                    list(after.values()),
                )

    def finish(self) -> None:
        """Save what waited for others.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        while self._deferred:
            place, made = self._deferred.popleft()
            with self._refusing(place, type(made.object)):
                made.save_deferred_fields(using=self._options.using)

    def refuse_broken(self, error: DatabaseError) -> bool:
        """Refuse the rows whose references lead nowhere; return whether there are any.

        Where their objects stood in the stream is not known any more.

        Args:
            error: what the database said of one of them.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        found = False
        hidden = "***" if self._problems.secrets.has_any else None
        for model in self._models:
            for field in model._meta.local_concrete_fields:
                if not isinstance(field, models.ForeignKey):
                    continue
                for pk, key in self._broken(model, field):
                    found = True
                    wanted = field.remote_field.model._meta.label_lower
                    self._problems.add(
                        None,
                        f"{model._meta.label_lower} pk={hidden or pk}, field"
                        f" {field.name}: no {wanted} has the key {hidden or key}.",
                        error,
                    )
        return found

    def _broken(self, model: type[models.Model], field: Any) -> list[Any]:
        wanted = field.remote_field.model._base_manager.using(
            self._options.using
        ).filter(**{field.target_field.attname: OuterRef(field.attname)})
        rows: Any = model._base_manager.using(self._options.using)
        rows = rows.filter(~Exists(wanted), **{f"{field.attname}__isnull": False})
        found = rows.order_by("pk").values_list("pk", field.attname)
        return list(found[: self._problems.most])

    @contextmanager
    def _refusing(self, place: Place, model: type[models.Model]) -> Iterator[None]:
        # A savepoint costs as much as saving: it is made only to go on from.
        is_collecting = self._problems.is_collecting
        try:
            with (
                transaction.atomic(self._options.using)
                if is_collecting
                else nullcontext()
            ):
                yield
        except Exception as error:  # noqa: BLE001  # Fields and receivers raise anything.
            self._problems.refuse(place, *_explained(error, model))


def _explained(
    error: Exception, model: type[models.Model]
) -> tuple[Exception, list[str], str]:
    if not isinstance(error, DatabaseError):
        return error, [], ""
    diagnosis = Diagnosis(error)
    if not diagnosis.is_of_object:
        raise error
    names = [field.name for field in diagnosis.fields(model)]
    return error, names, diagnosis.meaning(model)


def require(fields: list[Any], item: FixtureObject) -> None:
    """Refuse an object that does not list fields.

    Raises:
        ObjectValueError: it is the first that is not listed.
    """
    for field in fields:
        if not {field.name, field.attname} & item.fields.keys():
            message = f"field {field.name}: not listed, and part of --key."
            raise ObjectValueError(message)


def _keep_unlisted(
    row: models.Model, before: dict[str, Any], item: FixtureObject
) -> None:
    """Give an object what its row has in the fields that the fixture does not list."""
    for field in row._meta.local_concrete_fields:
        is_listed = field.name in item.fields or field.attname in item.fields
        if not (is_listed or field.primary_key or field.generated):
            setattr(row, field.attname, before[field.attname])
