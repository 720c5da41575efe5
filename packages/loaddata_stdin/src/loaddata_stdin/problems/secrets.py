"""What came from the environment, and how it is kept out of every message."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from loaddata_stdin.exceptions import (
    LoaddataStdinError,
    ObjectValueError,
    SubstitutionError,
)
from loaddata_stdin.model.field_values import typed
from loaddata_stdin.objects import FixtureObject, Place, short
from loaddata_stdin.problems.acceptance import aware, flaw
from loaddata_stdin.substitute import Substitution

__all__ = ["HIDDEN", "Secrets", "omit_rows_from_log"]

HIDDEN = "***"

# Any in this module: whatever a fixture can hold.


def omit_rows_from_log(connection: BaseDatabaseWrapper) -> None:
    """Keep refused rows out of PostgreSQL's log to the end of the transaction.

    It writes them as `DETAIL: Failing row contains ...`. Only a superuser may change
    that, or a role with `GRANT SET ON PARAMETER log_error_verbosity` (PostgreSQL 15).
    """
    if connection.vendor != "postgresql":
        return
    may_set = "current_setting('is_superuser')::boolean"
    if connection.pg_version >= 150000:  # type: ignore[attr-defined]  # PostgreSQL's
        may_set += " OR has_parameter_privilege('log_error_verbosity', 'SET')"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT set_config('log_error_verbosity', 'terse', true) WHERE {may_set}"
        )


class Secrets:
    """Puts the values of an environment into objects, and remembers into which."""

    def __init__(self, substitution: Substitution | None) -> None:
        """Take what replaces references; None: nothing does."""
        self._substitution = substitution
        # Rising numbers of objects: eight bytes for each.
        self._numbers = array("Q")
        self._keys = array("Q")
        self._references = array("Q")
        self._models: set[type[models.Model]] = set()

    @property
    def has_any(self) -> bool:
        """Return whether a value of the environment has been put in anywhere."""
        return bool(self._substitution and self._substitution.used)

    def holds(self, number: int) -> bool:
        """Return whether an object holds such a value."""
        return _is_in(self._numbers, number)

    def refers(self, number: int) -> bool:
        """Return whether an object refers to such a value, be it set or not.

        Its row may have the value from an earlier load.
        """
        return self.holds(number) or _is_in(self._references, number)

    def hold(self, number: int) -> None:
        """Take an object for one that holds such a value."""
        if not self.holds(number):
            insort(self._numbers, number)

    def are_in(self, model: type[models.Model]) -> bool:
        """Return whether an object of a model has held such a value."""
        return model._meta.concrete_model in self._models

    def hides_key(self, number: int) -> bool:
        """Return whether the primary key of an object is such a value."""
        return _is_in(self._keys, number)

    def masked(self, text: str) -> str:
        """Return the text without the values, as far as it holds them literally."""
        return self._substitution.masked(text) if self._substitution else text

    def shown(self, place: Place) -> Place:
        """Return a place as it may be shown: the key may be such a value."""
        if self.hides_key(place.number):
            return place._replace(pk=HIDDEN)
        return place

    def hidden(self, number: int, value: object) -> object:
        """Return a value of an object as it may be shown."""
        return HIDDEN if self.holds(number) else value

    def replaced(
        self,
        model: type[models.Model],
        item: FixtureObject,
        connection: BaseDatabaseWrapper,
    ) -> FixtureObject:
        """Return an object with values in the place of references to the environment.

        Raises:
            SubstitutionError: a reference has no value.
            ObjectValueError: a field, or its column, does not take one.
        """
        if not self._substitution:
            return item
        self._field = ""
        try:
            return self._replaced(model, item, connection)
        except LoaddataStdinError as error:
            error.field = self._field
            raise

    def _replaced(
        self,
        model: type[models.Model],
        item: FixtureObject,
        connection: BaseDatabaseWrapper,
    ) -> FixtureObject:
        # JSON in XML is read before: a value stays one value.
        values = typed(model, item)
        references = self._substitution.references if self._substitution else 0
        new = {"model": values["model"], "fields": {}}
        if "pk" in values:
            self._field = "pk"
            new["pk"] = self._value(model._meta.pk, values["pk"], connection, "pk")
            if self._has_taken:
                self._take(model, item.number, is_key=True)
        meta: Any = model._meta
        for name, value in values["fields"].items():
            self._field, field = name, _field(model, name)
            new["fields"][name] = self._value(field, value, connection, f"field {name}")
            if self._has_taken:
                self._take(model, item.number, is_key=field in meta.pk_fields)
        if self._substitution and self._substitution.references > references:
            insort(self._references, item.number)
        return FixtureObject(item.number, item.line, item.column, "json", new)

    def _take(self, model: type[models.Model], number: int, *, is_key: bool) -> None:
        self._models.add(model._meta.concrete_model or model)
        self.hold(number)
        if is_key and not self.hides_key(number):
            self._keys.append(number)

    def _value(
        self, field: Any, value: Any, connection: BaseDatabaseWrapper, what: str
    ) -> Any:
        substitution: Any = self._substitution
        before = substitution.count
        try:
            new = substitution(value)
        except SubstitutionError as error:
            message = f"{what}: {error}"
            raise SubstitutionError(message) from None
        self._has_taken = substitution.count > before
        if not self._has_taken or field is None:
            return new
        if problem := flaw(field, new, connection):
            source = repr(short(value)) if isinstance(value, str) else "the environment"
            message = f"{what}: {source} gives a value that is {problem}."
            raise ObjectValueError(message)
        return aware(field, new)


def _is_in(numbers: array[int], number: int) -> bool:
    index = bisect_left(numbers, number)
    return index < len(numbers) and numbers[index] == number


def _field(model: type[models.Model], name: str) -> Any:
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
