"""What a type is made of: its `_meta`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, Field, JSONField, TimeField

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from postgres_composite_types.values.codec import Codec

__all__ = ["Definition"]

_SETS_TIME = (DateField.pre_save, DateTimeField.pre_save, TimeField.pre_save)


class Definition:
    """Names a type and its members, as `Model._meta` does for a model.

    Args:
        label: `app_label.Name`.
        db_type: the name in PostgreSQL, without quotes and without schema.
        schema: the schema of the type; None leaves it to the search path.
        fields: the members in declared order, each bound to its name.
        apps: the app registry that nested types are looked up in.
        make_codec: makes what encodes and decodes values; nested types are declared
            by the time that it is called.
        managed: whether migrations create, change and delete the type.
    """

    # What Django's fields ask of the model that they are bound to.
    abstract = False
    constraints = ()  # REST framework asks for those of uniqueness.
    required_db_features = ()
    required_db_vendor = None

    # What sets a member of a value as it is, by its name.
    setters: dict[str, Callable[[Any, Any], None]]

    def __init__(
        self,
        label: str,
        db_type: str,
        schema: str | None,
        *,
        fields: Sequence[Field[Any, Any]],
        apps: Any,  # Apps or StateApps
        make_codec: Callable[[Definition], Codec],
        managed: bool = True,
    ) -> None:
        self.label = label
        self.app_label, _, self.name = label.partition(".")
        self.db_type = db_type
        self.schema = schema
        self.fields = list(fields)
        self.apps = apps
        self.managed = managed
        self._make_codec = make_codec
        self._by_name = {field.name: field for field in fields}

    def __repr__(self) -> str:
        return f"<Definition: {self.label}>"

    @property
    def label_lower(self) -> str:
        """Return the label as registries compare it."""
        return f"{self.app_label}.{self.name.lower()}"

    @property
    def object_name(self) -> str:
        """Return the name of the class, as Django's fields ask for it."""
        return self.name

    @property
    def model_name(self) -> str:
        """Return the name in lower case, as Django's fields ask for it."""
        return self.name.lower()

    @property
    def member_names(self) -> str:
        """Return the names of the members, for messages."""
        return ", ".join(self._by_name)

    @cached_property
    def codec(self) -> Codec:
        """Return what encodes and decodes values; nested types must be declared."""
        return self._make_codec(self)

    @cached_property
    def has_json(self) -> bool:
        """Return whether a member, however deep, is a json one."""
        return any(map(_has_json, self.fields))

    @cached_property
    def saved_members(self) -> list[Any]:
        """Return the members that do something before they are saved."""
        return [field for field in self.fields if _acts_before_save(field)]

    @property
    def qualified_name(self) -> str:
        """Return the quoted name, with the schema if one is given."""
        return qualified(self.schema, self.db_type)

    def get_field(self, name: str) -> Field[Any, Any]:
        """Return the member of this name.

        Raises:
            FieldDoesNotExist: there is none; the text lists the members.
        """
        try:
            return self._by_name[name]
        except KeyError:
            message = (
                f"{self.label} has no member {name!r}; it has {self.member_names}."
            )
            raise FieldDoesNotExist(message) from None


def qualified(schema: str | None, db_type: str) -> str:
    """Return the quoted name of a type, with its schema if one is given."""
    return ".".join(map(quote, filter(None, [schema, db_type])))


def quote(name: str) -> str:
    """Return an identifier in quotes: Django's own quoting lets `"` through."""
    return '"{}"'.format(name.replace('"', '""'))


def _has_json(field: Any) -> bool:
    while isinstance(field, ArrayField):
        field = field.base_field
    if isinstance(field, JSONField):
        return True
    return hasattr(field, "composite") and field.composite._meta.has_json


def _acts_before_save(field: Any) -> bool:
    element = field
    while isinstance(element, ArrayField):
        element = element.base_field
    if hasattr(element, "composite"):
        return bool(element.composite._meta.saved_members)
    if type(field).pre_save in _SETS_TIME:
        return bool(field.auto_now or field.auto_now_add)
    return not isinstance(field, ArrayField) and type(field).pre_save != Field.pre_save
