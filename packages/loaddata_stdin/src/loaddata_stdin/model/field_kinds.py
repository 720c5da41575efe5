"""The kinds of fields whose values mean to a database what they mean to the field."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute

__all__ = ["PLACEHOLDERS", "PLAIN", "kind_of"]

# Any in this module: fields of any value, and their methods.

PLACEHOLDERS = "get_placeholder", "get_placeholder_sql"
# The attributes of objects that keep what is set.
PLAIN = (DeferredAttribute, ForeignKeyDeferredAttribute)
_METHODS = (
    *PLACEHOLDERS,
    "to_python",
    "get_prep_value",
    "get_db_prep_value",
    "get_db_prep_save",
    "value_from_object",
)


def _methods(field_class: type) -> tuple[Any, ...]:
    return tuple(getattr(field_class, name, None) for name in _METHODS)


# The kinds of fields whose values are known, by the methods that could change them.
_KINDS = {
    _methods(field_class): kind
    for kind, field_classes in {
        "text": (models.CharField, models.TextField),
        "integer": (
            models.AutoField,
            models.BigAutoField,
            models.BigIntegerField,
            models.IntegerField,
            models.PositiveIntegerField,
        ),
        "boolean": (models.BooleanField,),
        "float": (models.FloatField,),
        "decimal": (models.DecimalField,),
        "date": (models.DateField,),
        "datetime": (models.DateTimeField,),
        "uuid": (models.UUIDField,),
        "json": (models.JSONField,),
    }.items()
    for field_class in field_classes
}


def kind_of(field: Any) -> str | None:
    """Return the kind of a field, or of what it refers to; None: it has ways of its own."""
    while _is_plain(field) and field.is_relation:
        if _methods(field.__class__) != _methods(models.ForeignKey):
            return None
        field = field.target_field
    return _KINDS.get(_methods(field.__class__)) if _is_plain(field) else None


def _is_plain(field: Any) -> bool:
    return getattr(field.model, field.attname, None).__class__ in PLAIN
