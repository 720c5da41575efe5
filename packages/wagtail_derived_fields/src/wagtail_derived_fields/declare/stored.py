"""A derived value that the database stores: a GeneratedField whose attribute is fresh."""

from __future__ import annotations

import sys
from typing import Any

from django.db import models
from django.db.models import F

from wagtail_derived_fields.declare.columns import resolve
from wagtail_derived_fields.evaluate.compile import compile_expression
from wagtail_derived_fields.exceptions import AssignmentError

__all__ = ["StoredDerivedField"]


class StoredDerivedField(models.GeneratedField):
    """Django's GeneratedField; reading it computes the value from the instance.

    Django keeps the old value on an instance after `save()` (5.2), and has none before.
    A migration names django.db.models.GeneratedField, so that it does not need this
    package.
    """

    expression: Any

    @classmethod
    def declare(
        cls,
        expression: Any,
        output_field: models.Field[Any, Any] | None,
        **options: Any,
    ) -> StoredDerivedField:
        """Return the field for the arguments of DerivedField."""
        kind = output_field or expression.output_field
        chosen: Any = F(expression) if isinstance(expression, str) else expression
        if options.pop("depends_on", ()) or options.pop("time_dependent", False):
            message = "a stored value cannot depend on other rows or on the clock"
            raise TypeError(message)
        options.pop("null", None)
        return cls(
            expression=chosen,
            output_field=kind,
            db_persist=True,
            **options,
        )

    def deconstruct(self) -> Any:
        """Return Django's field."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, kwargs

    def contribute_to_class(
        self, cls: Any, name: str, *args: Any, **kwargs: Any
    ) -> None:
        """Become a field with a column, and a property of the instances."""
        super().contribute_to_class(cls, name, *args, **kwargs)
        if not cls._meta.abstract and cls.__module__ != "__fake__":
            setattr(cls, name, property(self._compute, self._refuse_value))

    def _refuse_value(self, instance: models.Model, value: Any) -> None:
        """Refuse to be set, but by Django, which sets the value of the column."""
        if sys._getframe(1).f_globals["__name__"].partition(".")[0] != "django":
            raise AssignmentError(type(instance), self.name)

    def _compute(self, instance: models.Model) -> Any:
        if "_evaluator" not in self.__dict__:
            found = resolve(self.model, self.expression)
            self._evaluator = compile_expression(
                found.expression, found.paths, self.name
            )
        return self._evaluator(instance)
