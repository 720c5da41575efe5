"""What a type is made of: its `_meta`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist
from django.db.models import JSONField

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import Field

    from .codec import Codec

__all__ = ["Definition"]


class Definition:
    """Names a type and its members, as `Model._meta` does for a model.

    Args:
        label: `app_label.Name`.
        db_type: the name in PostgreSQL, without quotes and without schema.
        schema: the schema of the type; None leaves it to the search path.
        fields: the members in declared order, each bound to its name.
        apps: the app registry that nested types are looked up in.
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
    ) -> None:
        self.label = label
        self.app_label, _, self.name = label.partition(".")
        self.db_type = db_type
        self.schema = schema
        self.fields = list(fields)
        self.apps = apps
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
        from .codec import Codec

        return Codec(self)

    @cached_property
    def has_json(self) -> bool:
        """Return whether a member, however deep, is a json one."""
        return any(map(_has_json, self.fields))

    @property
    def qualified_name(self) -> str:
        """Return the quoted name, with the schema if one is given."""
        parts = (self.schema, self.db_type) if self.schema else (self.db_type,)
        return ".".join(map(quote, parts))

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


def quote(name: str) -> str:
    """Return an identifier in quotes: Django's own quoting lets `"` through."""
    return '"{}"'.format(name.replace('"', '""'))


def _has_json(field: Any) -> bool:
    while isinstance(field, ArrayField):
        field = field.base_field
    if isinstance(field, JSONField):
        return True
    return hasattr(field, "composite") and field.composite._meta.has_json
