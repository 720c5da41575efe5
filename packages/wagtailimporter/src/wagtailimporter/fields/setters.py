"""One way for each kind of field to read, compare and set its value."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import (
    check_password,
    identify_hasher,
    is_password_usable,
)
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalManyToManyField
from wagtail.models import Site

from wagtailimporter.exceptions import ImportFailed
from wagtailimporter.fields.blocks import adopt_ids, read_stream
from wagtailimporter.fields.references import Resolver
from wagtailimporter.fields.rich_text import canonical, read_rich_text
from wagtailimporter.fields.scalars import json_value, model_value, scalar
from wagtailimporter.parse.values import Scalar, Sequence, Value

__all__ = [
    "ManySetter",
    "PasswordSetter",
    "PropertySetter",
    "ReferenceSetter",
    "RichTextSetter",
    "Setter",
    "StreamSetter",
    "TagsSetter",
    "base_page_model",
]


@functools.cache
def base_page_model() -> Any:
    """Return the model of all pages, which a project may have swapped."""
    return Site._meta.get_field("root_page").related_model


@dataclass(frozen=True)
class Setter:
    """Reads, compares and sets one field; this one does so for plain fields."""

    field: Any

    @property
    def needs_stored(self) -> bool:
        """Whether the field can be set only on an object that is already stored."""
        return False

    @property
    def is_plain(self) -> bool:
        """Whether the value is an attribute that a model's `clean` may rewrite."""
        return type(self) is Setter

    @property
    def is_required(self) -> bool:
        """Whether the database refuses an object without it."""
        return False

    def read(self, value: Value, resolver: Resolver) -> Any:
        """Return the native value that a file gives.

        Raises:
            ImportFailed: the field cannot hold it.
        """
        return model_value(self.field, value)

    def differs(self, instance: models.Model, native: Any) -> bool:
        """Return whether setting the field would change the instance."""
        return bool(self.field.value_from_object(instance) != native)

    def set(self, instance: models.Model, native: Any) -> None:
        """Set the field of the instance in memory."""
        setattr(instance, self.field.name, native)


class RichTextSetter(Setter):
    """Sets a field of rich text to what its features allow."""

    @property
    def is_plain(self) -> bool:
        """Whether `clean` may rewrite it: it is an attribute like any other."""
        return True

    def read(self, value: Value, resolver: Resolver) -> Any:
        """Return the HTML."""
        if self.field.null and isinstance(value, Scalar) and value.is_null:
            return None
        return read_rich_text(value, resolver, self.field.editor, self.field.features)

    def differs(self, instance: models.Model, native: Any) -> bool:
        """Compare without the keys that the editor gives to blocks of text."""
        stored = self.field.value_from_object(instance)
        return bool(stored != native) and canonical(stored or "") != canonical(
            native or ""
        )


class PasswordSetter(Setter):
    """Sets a password, of which only a hash is stored.

    The file holds the password or, better, the hash that Django made of it.
    """

    @property
    def is_plain(self) -> bool:
        """Whether `clean` may rewrite it: never."""
        return False

    def read(self, value: Value, resolver: Resolver) -> Any:
        """Return the password or hash; None for null, which lets nobody in."""
        found = scalar(value)
        return None if found.is_null else found.text

    def differs(self, instance: models.Model, native: Any) -> bool:
        """Return whether the stored hash is another, or of another password."""
        stored = self.field.value_from_object(instance)
        if native is None:
            return is_password_usable(stored)
        return stored != native and not check_password(native, stored)

    def set(self, instance: Any, native: Any) -> None:
        """Set the hash."""
        try:
            identify_hasher(native or "")
        except ValueError:
            instance.set_password(native)
        else:
            instance.password = native


@dataclass(frozen=True)
class PropertySetter(Setter):
    """Sets an attribute that the model defines by a property with a setter."""

    field: str

    @property
    def is_plain(self) -> bool:
        """Whether `clean` may rewrite it: it is no field."""
        return False

    def read(self, value: Value, resolver: Resolver) -> Any:
        """Return plain data."""
        return json_value(value)

    def differs(self, instance: models.Model, native: Any) -> bool:
        """Compare with what the property returns."""
        return bool(getattr(instance, self.field) != native)

    def set(self, instance: models.Model, native: Any) -> None:
        """Call the setter."""
        setattr(instance, self.field, native)


class StreamSetter(Setter):
    """Sets a StreamField; blocks keep their ids."""

    def read(self, value: Value, resolver: Resolver) -> Any:
        """Return validated blocks."""
        return read_stream(self.field, value, resolver)

    def differs(self, instance: models.Model, native: Any) -> bool:
        """Give `native` the stored ids first, then compare the stored form."""
        stored = self.field.get_prep_value(self.field.value_from_object(instance))
        adopt_ids(native, stored)
        wanted = json.dumps(self.field.get_prep_value(native), cls=DjangoJSONEncoder)
        return bool(json.loads(wanted) != stored)


class ReferenceSetter(Setter):
    """Sets a foreign key."""

    @property
    def is_required(self) -> bool:
        """Whether the column is NOT NULL."""
        return not self.field.null

    def read(self, value: Value, resolver: Resolver) -> Any:
        """Return the object referred to, or None."""
        return resolver.one_of((self.field.remote_field.model,), value)

    def differs(self, instance: models.Model, native: Any) -> bool:
        """Compare keys; nothing is loaded."""
        key = native and getattr(native, self.field.target_field.attname)
        return bool(getattr(instance, self.field.attname) != key)


class ManySetter(Setter):
    """Sets a many-to-many field, Wagtail's ParentalManyToManyField included."""

    @property
    def needs_stored(self) -> bool:
        """Whether the field is not one of modelcluster's, which wait by themselves."""
        return not isinstance(
            self.field, (ParentalManyToManyField, ClusterTaggableManager)
        )

    def read(self, value: Value, resolver: Resolver) -> Any:
        """Return the objects referred to."""
        model = self.field.remote_field.model
        return [resolver.one_of((model,), item) for item in _items(value)]

    def differs(self, instance: models.Model, native: Any) -> bool:
        """Compare as sets: the order of a many-to-many field means nothing."""
        stored = {target.pk for target in getattr(instance, self.field.name).all()}
        return stored != {target.pk for target in native}

    def set(self, instance: models.Model, native: Any) -> None:
        """Replace what the field holds."""
        getattr(instance, self.field.name).set(native)


class TagsSetter(ManySetter):
    """Sets the tags of taggit from a list of names."""

    def read(self, value: Value, resolver: Resolver) -> Any:
        """Return the names."""
        return [scalar(item, "a tag").text for item in _items(value)]

    def differs(self, instance: models.Model, native: Any) -> bool:
        """Compare as sets of names."""
        stored = {tag.name for tag in getattr(instance, self.field.name).all()}
        return stored != set(native)


def _items(value: Value) -> tuple[Value, ...]:
    if isinstance(value, Sequence) and not value.tag:
        return value.items
    raise ImportFailed.at(value.place, "expected a list.")
