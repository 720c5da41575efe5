"""Make objects of a fixture as Django makes them."""

from __future__ import annotations

from typing import Any

from django.db import models

from loaddata_stdin.exceptions import FieldValueError, NeedsObjectError
from loaddata_stdin.model.field_values import value_for
from loaddata_stdin.model.target import Target

__all__ = ["Instances"]

# Any in this module: fields, and values of any type.


class Instances:
    """Objects as Django's deserialiser makes them."""

    def __init__(self, target: Target, given: dict[Any, str], format_name: str) -> None:
        self._target = target
        self._given = given
        self._format = format_name

    def __call__(
        self, values: dict[str, Any], fields: dict[str, Any]
    ) -> tuple[models.Model, dict[str, Any]]:
        """Return an object, and its natural keys of others by attribute.

        Raises:
            FieldValueError: a field does not take a value.
            NeedsObjectError: the model takes no such object.
        """
        data, references = {}, {}
        model = self._target.model
        if values.get("pk") is not None:
            key: Any = model._meta.pk
            data[key.attname] = self._converted(key, values["pk"])
        for field, name in self._given.items():
            value = fields[name]
            if field in self._target.references and isinstance(value, list):
                references[field.attname] = value
            else:
                name = field.attname if field.is_relation else field.name
                data[name] = self._converted(field, value)
        try:
            made = model(**data)
        except Exception as error:  # Models raise anything.
            # Saving one by one says where, or knows better.
            message = "one of its objects cannot be made"
            raise NeedsObjectError(message) from error
        if made.pk is None and not len(self._target.keys) > 1:
            made.pk = model._meta.pk.get_pk_value_on_save(made)
        return made, references

    def _converted(self, field: Any, value: Any) -> Any:
        try:
            value = value_for(field, value, self._format)
            if value is None and field.is_relation:
                return None
            return field.to_python(value)
        except Exception as error:  # Fields raise anything.
            raise FieldValueError(field.name, value, error) from error
