"""Composite types, declared as classes."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps as live_apps
from django.core.exceptions import ValidationError
from django.core.files import File
from django.db.models import Field, FileField
from django.db.models.fields import NOT_PROVIDED

from postgres_composite_types.declare.declaration import (
    app_label,
    is_abstract_type,
    members_of_class,
    refuse,
    slots,
)
from postgres_composite_types.declare.definition import Definition
from postgres_composite_types.declare.descriptors import descriptors_of, display_method
from postgres_composite_types.declare.registry import types_of
from postgres_composite_types.declare.stored import UNDECODED, Stored, set_stored
from postgres_composite_types.exceptions import CompositeTypeError, MissingMemberError
from postgres_composite_types.values.codec import Codec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["CompositeType", "CompositeTypeMeta"]


class CompositeTypeMeta(type):
    """Makes a type of the fields in a class body."""

    _meta: Definition
    Field: type
    # Rooms above this one add to a new type: its field, and its operation.
    completions: ClassVar[list[Callable[[type[CompositeType]], None]]] = []
    operation_of: ClassVar[Callable[[Any], Any]]

    def __new__(
        mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any]
    ) -> CompositeTypeMeta:
        """Take the fields out of the class body; they are values' members."""
        if not any(isinstance(base, CompositeTypeMeta) for base in bases):
            return super().__new__(mcs, name, bases, attrs)
        place = f"{attrs['__module__']}.{attrs['__qualname__']}"
        members = members_of_class(bases, attrs)
        options = attrs.pop("Meta", None)
        is_abstract = is_abstract_type(options)
        refuse(bases, place, members, options, is_abstract=is_abstract)
        attrs = {key: v for key, v in attrs.items() if not isinstance(v, Field)}
        attrs["_members"] = members
        attrs["__match_args__"] = tuple(members)
        if is_abstract:
            composite = super().__new__(mcs, name, bases, {**attrs, "__slots__": ()})
            composite.Meta = options  # type: ignore[attr-defined]  # to inherit from
            return composite
        for key, member in members.items():
            member.set_attributes_from_name(key)
            if member.choices is not None:
                attrs.setdefault(f"get_{key}_display", display_method(member))
        described = descriptors_of(members)
        attrs |= described
        # Without a dict: it would cost the garbage collector more than the decoding.
        attrs["__slots__"] = slots(bases, members, described)
        composite = super().__new__(mcs, name, bases, attrs)
        composite._meta = Definition(
            f"{app_label(attrs['__module__'], options, place)}.{name}",
            options.db_type,
            getattr(options, "schema", None),
            fields=list(members.values()),
            apps=getattr(options, "apps", live_apps),
            managed=getattr(options, "managed", True),
            make_codec=Codec,
        )
        composite._meta.setters = {
            key: getattr(composite, key).__set__ for key in members
        }
        types_of(composite._meta.apps).register(composite)  # type: ignore[arg-type]  # checked above
        for complete in mcs.completions:
            complete(composite)  # type: ignore[arg-type]  # checked above
        return composite

    @property
    def Operation(cls) -> Any:
        """Return the migration operation that creates the type as it stands.

        The name is the one that old migrations call.
        """
        return CompositeTypeMeta.operation_of(cls)


class CompositeType(Stored, metaclass=CompositeTypeMeta):
    """Base of the classes that stand for composite types.

    Subclasses inherit members, also from mixins and from classes that are
    `Meta.abstract`, which make no type of their own. `name = None` leaves one out.

    Example:
        class Address(CompositeType):
            street = models.CharField(max_length=255)
            suburb = models.CharField(max_length=50)

            class Meta:
                db_type = "x_address"
    """

    _meta: ClassVar[Definition]
    _members: ClassVar[dict[str, Any]] = {}
    Field: ClassVar[type[Any]]
    __match_args__: ClassVar[tuple[str, ...]] = ()
    __slots__ = ()

    def __init__(self, /, *args: Any, **kwargs: Any) -> None:
        """Take the members by position, by name, or by default.

        Raises:
            TypeError: a value is surplus, unknown or given twice.
        """
        names = self.__match_args__
        if len(args) > len(names):
            message = (
                f"{type(self).__name__} has {len(names)} members, got {len(args)}."
            )
            raise TypeError(message)
        set_stored(self, None)
        setters = self._meta.setters
        for name, value in zip(names, args, strict=False):
            setters[name](self, value)
        given = names[: len(args)]
        for name in given:
            if name in kwargs:
                message = f"{type(self).__name__} got member {name!r} twice."
                raise TypeError(message)
        self._refuse_unknown(kwargs)
        for name, value in kwargs.items():
            setters[name](self, value)
        if len(args) + len(kwargs) < len(names):
            for field in self._meta.fields:
                if field.name not in kwargs and field.name not in given:
                    setters[field.name](self, _default(field))

    @classmethod
    def _refuse_unknown(cls, names: Iterable[str]) -> None:
        for name in names:
            if name not in cls.__match_args__:
                message = f"{cls.__name__} has no member {name!r}; it has {cls._meta.member_names}."
                raise TypeError(message)

    @classmethod
    def _from_json(cls, stored: str | dict[str, Any]) -> CompositeType:
        """Return a value that decodes itself when a member is first touched.

        Args:
            stored: what `to_json` makes of it; a mapping if that is parsed already.
        """
        value = cls.__new__(cls)
        set_stored(value, stored)
        return value

    def __getattr__(self, name: str) -> Any:
        """Decode the value when a member is first touched.

        Raises:
            MissingMemberError: the database's type did not have the member.
        """
        if name == "_meta":
            message = f"{type(self).__name__} is abstract: it has no values."
            raise TypeError(message)
        if name not in self.__match_args__:
            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(message)
        if self._stored.__class__ in UNDECODED:
            self._meta.codec.decode(self)
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            meta = self._meta
            message = (
                f"{meta.label}.{name}: {meta.qualified_name} had no attribute "
                f"{meta.get_field(name).column!r} when this value was read; migrate."
            )
            raise MissingMemberError(message) from None

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a member, of a value that is decoded: the others must not be lost."""
        if self._stored.__class__ in UNDECODED:
            self._meta.codec.decode(self)
        object.__setattr__(self, name, value)

    def __reduce__(self) -> Any:
        """Pickle and copy what there is, decoded or not."""
        stored = self._stored
        if stored.__class__ in UNDECODED:
            return _restored, (type(self), stored, {})
        members = {}
        for name in self.__match_args__:
            try:
                members[name] = object.__getattribute__(self, name)
            except AttributeError:  # noqa: PERF203  # the database had no such member
                continue
        # As a state, set once the value exists: a file refers to its value.
        return _restored, (type(self), stored, {}), members

    def __setstate__(self, members: Mapping[str, Any]) -> None:
        """Set the members of a value that was pickled or copied."""
        for name, member in members.items():
            self._meta.setters[name](self, member)

    def full_clean(self) -> None:
        """Validate the members, then the whole by `clean`.

        Raises:
            ValidationError: its `message_dict` has the messages by member.
        """
        errors = {}
        for field in self._meta.fields:
            try:
                self._clean_member(field)
            except ValidationError as error:  # noqa: PERF203  # all are collected
                errors[field.name] = error
        if errors:
            raise ValidationError(errors)
        self.clean()

    def _clean_member(self, field: Any) -> None:  # `Field` is an attribute here
        value = getattr(self, field.name)
        # As Model.clean_fields: what may be left blank is not validated further.
        if not (field.blank and value in field.empty_values):
            setattr(self, field.name, field.clean(value, None))

    def clean(self) -> None:
        """Validate members against each other: a hook for subclasses."""

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        """Return what a migration holds: a CompositeValue, which imports no class."""
        members = {name: _plain(getattr(self, name)) for name in self.__match_args__}
        return (
            "postgres_composite_types.CompositeValue",
            (self._meta.label, members),
            {},
        )

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), _frozen(self._values())))

    def __repr__(self) -> str:
        members = (f"{name}={self._repr_of(name)}" for name in self.__match_args__)
        return f"{type(self).__name__}({', '.join(members)})"

    def _repr_of(self, name: str) -> str:
        try:
            return repr(getattr(self, name))
        except CompositeTypeError as error:
            return f"<{type(error).__name__}>"

    def __replace__(self, /, **changes: Any) -> CompositeType:
        """Return a copy with other values, as `copy.replace` of Python 3.13 does."""
        self._refuse_unknown(changes)
        replaced = copy(self)
        for name, value in changes.items():
            setattr(replaced, name, value)
        return replaced

    def _values(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__match_args__])


def _restored(
    composite: type[CompositeType], stored: Any, members: Mapping[str, Any]
) -> CompositeType:
    value = composite.__new__(composite)
    set_stored(value, stored)
    for name, member in members.items():
        composite._meta.setters[name](value, member)
    return value


def _default(field: Field[Any, Any]) -> Any:
    """Return a member's default; unlike a model's, None rather than '', but for files."""
    is_left_to_us = field.default is NOT_PROVIDED and not isinstance(field, FileField)
    return None if is_left_to_us else field.get_default()


def _plain(value: Any) -> Any:
    """Return what a migration can hold: of a file its name."""
    return value.name if isinstance(value, File) else value


def _frozen(value: Any) -> Any:
    """Return something hashable that is equal for equal values."""
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    if isinstance(value, dict):
        return frozenset((key, _frozen(item)) for key, item in value.items())
    return value
