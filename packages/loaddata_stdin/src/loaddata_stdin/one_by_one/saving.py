"""Save objects one by one, as Django does."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from django.core.serializers.python import Deserializer
from django.db import DatabaseError, IntegrityError, models, transaction
from django.db.models import Exists, OuterRef

from loaddata_stdin.bulk.tables import Tables
from loaddata_stdin.exceptions import ObjectIntegrityError
from loaddata_stdin.model.field_values import typed
from loaddata_stdin.objects import FixtureObject, Place
from loaddata_stdin.one_by_one.ledger import Ledger
from loaddata_stdin.one_by_one.row_change import Change
from loaddata_stdin.options import Options
from loaddata_stdin.problems.diagnosis import Diagnosis
from loaddata_stdin.problems.problems import Problems
from loaddata_stdin.report import Counts
from loaddata_stdin.resolve.key_fields import require
from loaddata_stdin.resolve.key_option import Keys
from loaddata_stdin.write.dangling import is_constrained
from loaddata_stdin.write.differences import Differences
from loaddata_stdin.write.statements import unpatchable

__all__ = ["OneByOne", "through_models"]

# Any in this module: Django's deserialised objects have no types, values of fields.


@dataclass
class _Waiting:
    """An object that is not saved yet.

    Attributes:
        key: the primary key that it gets by --key, if that is known.
    """

    model: type[models.Model]
    item: FixtureObject
    counts: Counts
    key: Any = None


class OneByOne:
    """Django's deserialiser, and the objects that wait for others there."""

    def __init__(
        self,
        options: Options,
        problems: Problems,
        ledger: Ledger | None,
        tables: Tables | None,
    ) -> None:
        """Take what is done where a row is there already.

        Args:
            options: how objects are loaded.
            problems: what takes those that objects have.
            ledger: remembers what was saved; None where nobody asks it.
            tables: what is written in bulk; None: nothing is.
        """
        self._options = options
        self._problems = problems
        self._ledger = ledger
        self._tables = tables
        self._keys = tables.keys if tables and options.keys else None
        secrets = problems.secrets
        self._differences = Differences(options, secrets) if options.differ else None
        self._deferred: deque[tuple[Place, Any, Change, Counts]] = deque()
        self._models: set[type[models.Model]] = set()
        # As Django keeps in memory what waits for natural keys.
        self._waiting: list[_Waiting] = []
        self._held: set[Any] = set()

    @property
    def is_waiting(self) -> bool:
        """Return whether an object waits for the primary keys of others."""
        return bool(self._waiting)

    def save(
        self, model: type[models.Model], item: FixtureObject, counts: Counts
    ) -> None:
        """Save an object, and count it.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        concrete = model._meta.concrete_model or model
        self._models.add(concrete)
        if self._tables:
            self._tables.begin_saving(concrete)
        if self._ledger:
            self._ledger.of(model)  # Not within what may be rolled back.
        self._try(_Waiting(model, item, counts))

    def _try(self, one: _Waiting) -> None:
        model, item = one.model, one.item
        with self._refusing(item.place, model):
            values, is_open = typed(model, item), set[str]()
            if self._keys:
                require(self._keys.of(model), item)
                values, is_open = self._keys.followed(model, values)
            for made in Deserializer(
                [values],
                using=self._options.using,
                ignorenonexistent=self._options.is_lenient,
                handle_forward_references=True,
            ):
                if self._keys and self._keys.of(model):
                    self._find(self._keys, one, made.object, is_open)
                if is_open or model._meta.concrete_model in self._held:
                    # Those of one model are saved in their order.
                    self._held.add(model._meta.concrete_model)
                    self._waiting.append(one)
                    return
                change = self._save(made, item, one.counts)
                if made.deferred_fields:
                    self._deferred.append((item.place, made, change, one.counts))

    def _find(
        self, keys: Keys, one: _Waiting, row: models.Model, is_open: set[str]
    ) -> None:
        """Give an object the primary key of its row, if that can be told now."""
        if one.item.values.get("pk") is None:
            row.pk = None  # Django takes that of the row with the natural key.
        if one.key is None:
            names = {name for f in keys.of(one.model) for name in (f.name, f.attname)}
            if names & is_open:
                keys.declare(row)
                return
            keys.find(row)
            one.key = row.pk
        row.pk = one.key

    def go_on(self) -> None:
        """Save what waited, as far as that is possible.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        waiting, self._waiting, self._held = self._waiting, [], set()
        for one in waiting:
            self._try(one)

    def refuse_waiting(self) -> None:
        """Refuse what waits for objects that are refused.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        for one in self._waiting:
            what = "an object that it refers to is refused."
            self._problems.add(one.item.place, what, ObjectIntegrityError())

    def _save(self, made: Any, item: FixtureObject, counts: Counts) -> Change:
        row, using = made.object, self._options.using
        change = Change(made, using, item.number)
        seen = self._ledger.find(row) if self._ledger else None
        if self._tables and not seen:
            seen = self._tables.find(row, counts)
        if (seen or change.before is not None) and not self._may_write(seen):
            counts.ignored += not seen
            counts.repeated += bool(seen)
            made.deferred_fields = None
        else:
            if change.before is not None and self._options.is_patch:
                _keep_unlisted(row, change.before, item)
                secrets = self._problems.secrets
                # Which of its rows have got a secret is not remembered.
                if secrets.are_in(type(row)):
                    secrets.hold(item.number)
            if change.is_needless(made):
                counts.unchanged += 1
            else:
                self._write(made, item, is_new=change.before is None)
                self._count(change, counts)
        counts.saved += 1
        if self._ledger:
            self._ledger.add(row, item)
        return change

    def _count(self, change: Change, counts: Counts) -> None:
        change.count(counts, self._differences, is_asked=self._options.is_counted)

    def _write(self, made: Any, item: FixtureObject, *, is_new: bool) -> None:
        try:
            # Django would look for the row by an UPDATE first.
            made.save(using=self._options.using, force_insert=is_new)
        except IntegrityError as error:
            lacking = _lacking(made.object, item)
            if not (is_new and self._options.is_patch and lacking):
                raise
            raise ObjectIntegrityError(unpatchable(lacking)) from error

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

    def finish(self) -> None:
        """Save what waited for others.

        Raises:
            LoaddataStdinError: there are enough problems.
        """
        while self._deferred:
            place, made, change, counts = self._deferred.popleft()
            with self._refusing(place, type(made.object)):
                made.save_deferred_fields(using=self._options.using)
                self._count(change, counts)

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
        for model, owner, field, name in self._references():
            for pk, key in self._broken(model, owner, field):
                found = True
                wanted = field.remote_field.model._meta.label_lower
                self._problems.add(
                    None,
                    f"{_label(model, owner)} pk={hidden or pk}, field"
                    f" {name}: no {wanted} has the key {hidden or key}.",
                    error,
                )
        return found

    def _references(self) -> Iterator[tuple[type[models.Model], Any, Any, str]]:
        """Yield tables, and of each row the key of its object, a reference, its name."""
        for model in self._models:
            for field in model._meta.local_concrete_fields:
                if is_constrained(field):
                    yield model, model._meta.pk, field, field.name
            for through, many in through_models(model).items():
                owner = through._meta.get_field(many.m2m_field_name())
                target = through._meta.get_field(many.m2m_reverse_field_name())
                if is_constrained(target):
                    yield through, owner, target, many.name

    def _broken(self, model: type[models.Model], owner: Any, field: Any) -> list[Any]:
        wanted = field.remote_field.model._base_manager.using(
            self._options.using
        ).filter(**{field.target_field.attname: OuterRef(field.attname)})
        rows: Any = model._base_manager.using(self._options.using)
        rows = rows.filter(~Exists(wanted), **{f"{field.attname}__isnull": False})
        found = rows.order_by("pk").values_list(owner.attname, field.attname)
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


def through_models(model: type[models.Model]) -> dict[type[models.Model], Any]:
    """Return the many-to-many fields of a model by the tables that nobody declared.

    The rows of a declared one are objects of the stream.
    """
    fields: Any = model._meta.many_to_many
    return {
        field.remote_field.through: field
        for field in fields
        if field.remote_field.through._meta.auto_created
    }


def _label(model: type[models.Model], owner: Any) -> str:
    """Return the label of the model whose object a row belongs to."""
    is_through = model._meta.auto_created
    return (owner.remote_field.model if is_through else model)._meta.label_lower


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


def _keep_unlisted(
    row: models.Model, before: dict[str, Any], item: FixtureObject
) -> None:
    """Give an object what its row has in the fields that the fixture does not list."""
    for field in row._meta.local_concrete_fields:
        is_listed = field.name in item.fields or field.attname in item.fields
        if not (is_listed or field.primary_key or field.generated):
            setattr(row, field.attname, before[field.attname])


def _lacking(row: models.Model, item: FixtureObject) -> str | None:
    """Return the first field that a new row needs and that the fixture does not list."""
    for field in row._meta.local_concrete_fields:
        is_listed = field.name in item.fields or field.attname in item.fields
        is_needed = not (field.null or field.primary_key or field.has_db_default())
        if is_needed and not is_listed and getattr(row, field.attname) is None:
            return field.name
    return None
