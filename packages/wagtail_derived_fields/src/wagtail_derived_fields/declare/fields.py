"""DerivedField: a field whose value follows from others, without a column."""

from __future__ import annotations

import datetime
import decimal
import inspect
import sys
import threading
import uuid
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models import F

from wagtail_derived_fields.declare.columns import DerivedColumn, Resolved, resolve
from wagtail_derived_fields.evaluate.compile import NotCompilable, compile_expression
from wagtail_derived_fields.exceptions import (
    AssignmentError,
    DerivedExpressionError,
    NoPythonValueError,
)

__all__ = ["DerivedField", "derived_fields"]

PYTHON_TYPES: list[tuple[Any, Any]] = [
    (models.BooleanField, bool),
    (models.IntegerField, int),
    (models.FloatField, float),
    (models.DecimalField, decimal.Decimal),
    (models.DateTimeField, datetime.datetime),
    (models.DateField, datetime.date),
    (models.TimeField, datetime.time),
    (models.DurationField, datetime.timedelta),
    (models.UUIDField, uuid.UUID),
    ((models.CharField, models.TextField), str),
]
_threads = threading.local()  # The fields that a thread resolves just now.
PRIMED = "_derived_values"  # values that one query has read for a batch of instances


class DerivedField(models.Field):  # type: ignore[type-arg]
    """A value of a model that follows from its other fields.

    It has no column, so that it needs no migration. It can be read from an instance,
    saved or not, and used like any field in filter, exclude, order_by, values, annotate
    and aggregate, across relations, and in searches.

    Args:
        expression: of Django, or the name of another field. One that follows relations
            becomes a correlated subquery.
        output_field: the kind of the value; None takes that of the expression.
        null: False promises that the value is never NULL.
        depends_on: names of relations; when one of their rows changes, the instances
            here are indexed again.
        time_dependent: the value changes with the clock; `refresh_derived_fields`
            indexes it again.
        stored: make it a GeneratedField of the database, with a column and a migration.
        verbose_name, help_text: as for every field.

    Example:
        >>> duration = DerivedField(MonthsBetween("start_date", "end_date"))
    """

    expression: Any
    output: models.Field[Any, Any]

    def __new__(
        cls,
        expression: Any = None,
        output_field: models.Field[Any, Any] | None = None,
        *,
        stored: bool = False,
        **options: Any,
    ) -> Any:
        """Return a field of a class made from this one and the output field's."""
        if stored:
            from wagtail_derived_fields.declare.stored import StoredDerivedField

            return StoredDerivedField.declare(expression, output_field, **options)
        if cls is DerivedField:
            output_field = output_field or _guess_output_field(expression)
            kind: Any = type(output_field)
            cls = _class_of(kind)
        return super().__new__(cls)

    def __init__(
        self,
        expression: Any,
        output_field: models.Field[Any, Any] | None = None,
        *,
        null: bool = True,
        depends_on: Sequence[str] = (),
        time_dependent: bool = False,
        **options: Any,
    ) -> None:
        self.expression = F(expression) if isinstance(expression, str) else expression
        self.output = output_field or _guess_output_field(expression)
        self.depends_on = tuple(depends_on)
        self.time_dependent = time_dependent
        self._python: Callable[[models.Model], Any] | None = None
        _, _, _, kind = self.output.deconstruct()
        options = {**kind, **options}
        options.update(null=null, blank=True, editable=False, serialize=False)
        super().__init__(**options)

    def python(self, function: Callable[[Any], Any]) -> DerivedField:
        """Take a function as the value of an instance, in place of a compiled one.

        `manage.py check_derived_fields` compares it with the SQL.

        Example:
            >>> @duration.python
            ... def duration(self):
            ...     return ...
        """
        self._python = function
        return self

    def deconstruct(self) -> Any:
        """Return how to make it again: migrations never hold it."""
        name, _, _, _ = super().deconstruct()
        options = {
            "output_field": self.output,
            "null": self.null,
            "depends_on": self.depends_on,
            "time_dependent": self.time_dependent,
        }
        path = f"{DerivedField.__module__}.{DerivedField.__qualname__}"
        return name, path, [self.expression], options

    def get_internal_type(self) -> str:
        """Return that of the output field."""
        return self.output.get_internal_type()

    def get_attname_column(self) -> tuple[str, None]:
        """Return no column."""
        return self.name, None

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        """Become a private field of the model, and a property of its instances."""
        # Django copies a private field to children with tables of their own; there it
        # stays the parent's, whose table has its columns.
        owner = self.model if getattr(self, "mti_inherited", False) else None
        super().contribute_to_class(cls, name, private_only=True)
        if owner is not None:
            self.model = owner
        setattr(cls, name, self._make_property(self._first_value))

    @cached_property
    def resolved(self) -> Resolved:
        """Return the expression, resolved on the model.

        Raises:
            DerivedExpressionError: it names a field that does not exist, or itself.
        """
        label = f"{self.model._meta.label}.{self.name}"
        resolving = _threads.__dict__.setdefault("resolving", set())
        if self in resolving:
            message = f"{label}: its expression leads back to itself"
            raise DerivedExpressionError(message)
        resolving.add(self)
        try:
            return resolve(self.model, self.expression, self.creation_counter)
        except DerivedExpressionError:
            raise
        except FieldError as error:
            message = f"{label}: {error}"
            raise DerivedExpressionError(message) from error
        finally:
            resolving.discard(self)

    def get_col(self, alias: str, output_field: Any = None) -> Any:
        """Return the expression on the table with an alias."""
        return DerivedColumn(alias, self, self.resolved.on_alias(alias))

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Refuse to be written.

        Raises:
            FieldError: always; `update()` gets here.
        """
        message = (
            f"{self.model._meta.label}.{self.name} is derived and cannot be updated;"
            " update the fields that it follows from"
        )
        raise FieldError(message)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        """Return the value: nobody has typed it."""
        return value

    def value_from_object(self, obj: models.Model) -> Any:
        """Return the value of an instance, or the one that a batch has read for it."""
        primed = obj.__dict__.get(PRIMED, {})
        return primed[self.name] if self.name in primed else getattr(obj, self.name)

    @cached_property
    def evaluator(self) -> Callable[[models.Model], Any]:
        """Return the function that computes the value of an instance.

        Raises:
            NoPythonValueError: the expression has no equivalent in Python.
        """
        if self._python is not None:
            return self._python
        try:
            return compile_expression(
                self.resolved.expression, self.resolved.paths, self.name
            )
        except NotCompilable as reason:
            if self.resolved.is_own:
                message = (
                    f"{self.model._meta.label}.{self.name}: {reason} has no equivalent in"
                    f" Python; write the function and decorate it with @{self.name}.python"
                )
                raise NoPythonValueError(message) from None
            return self._query_value

    @property
    def is_queried(self) -> bool:
        """Tell whether the value of an instance takes a query."""
        return self.evaluator == self._query_value

    def _query_value(self, instance: models.Model) -> Any:
        if instance.pk is None or instance._state.adding:
            return None  # it has no row yet, and no rows follow it
        database = instance._state.db
        rows = self.model._base_manager.using(database).filter(pk=instance.pk)
        return rows.values_list(self.name, flat=True).get()

    def _is_copy(self, instance: models.Model, value: Any) -> bool:
        """Tell whether a constructor gets the value that the instance has anyway."""
        if self.time_dependent or self.is_queried:
            return True  # The value of the instance that is copied, now or then.
        return bool(self.evaluator(instance) == value)

    def _first_value(self, instance: models.Model) -> Any:
        """Compile the expression, take the place of this function, and call it."""
        evaluator = self.evaluator
        for cls in type(instance).__mro__:
            present = cls.__dict__.get(self.name)
            if getattr(getattr(present, "fget", None), "field", None) is self:
                setattr(cls, self.name, self._make_property(evaluator))
        return evaluator(instance)

    def _make_property(self, read: Callable[[Any], Any]) -> property:
        """Return a property with the type of the value, which API schemas show."""
        reader: Any = read
        if inspect.ismethod(read):  # only a function of its own can be annotated

            def reader(instance: models.Model) -> Any:
                return read(instance)

            reader.field = self
        kind = _python_type(self)
        reader.__annotations__["return"] = kind | None if self.null else kind
        return property(reader, self._refuse_value)

    def _refuse_value(self, instance: models.Model, value: Any) -> None:
        """Refuse to be set, but by Django, which sets what it has just read.

        Wagtail's Page.copy hands the value of every field to the constructor, and
        full_clean() sets every field to its clean value.
        """
        caller = sys._getframe(1).f_code
        if caller is models.Model.clean_fields.__code__:
            return
        if caller is models.Model.__init__.__code__ and self._is_copy(instance, value):
            return
        raise AssignmentError(type(instance), self.name)


def derived_fields(model: type[models.Model]) -> list[DerivedField]:
    """Return the derived fields of a model, those of its parents included."""
    return [
        item for item in model._meta.private_fields if isinstance(item, DerivedField)
    ]


def _python_type(field: models.Field[Any, Any]) -> Any:
    return next((kind for kinds, kind in PYTHON_TYPES if isinstance(field, kinds)), Any)


@cache
def _class_of(kind: Any) -> type[DerivedField]:
    return type(f"Derived{kind.__name__}", (DerivedField, kind), {"__doc__": None})


def _guess_output_field(expression: Any) -> models.Field[Any, Any]:
    """Return the output field of an expression that knows it before it is resolved."""
    field = (
        getattr(expression, "output_field", None) if expression is not None else None
    )
    if not isinstance(field, models.Field):
        message = f"DerivedField({expression!r}) needs output_field="
        raise TypeError(message)
    return field
