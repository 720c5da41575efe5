"""Composite types, declared as classes."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps as live_apps
from django.core.exceptions import ValidationError
from django.db.models import Field
from django.db.models.fields import NOT_PROVIDED, AutoFieldMixin

from .definition import Definition
from .exceptions import CompositeTypeError, DefinitionError, MissingMemberError
from .registry import types_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["CompositeType", "CompositeTypeMeta"]


class CompositeTypeMeta(type):
    """Makes a type of the fields in a class body."""

    _meta: Definition
    Field: type

    def __new__(
        mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any]
    ) -> CompositeTypeMeta:
        """Take the fields out of the class body; they are values' members."""
        if not any(isinstance(base, CompositeTypeMeta) for base in bases):
            return super().__new__(mcs, name, bases, attrs)
        place = f"{attrs['__module__']}.{attrs['__qualname__']}"
        members = {key: v for key, v in attrs.items() if isinstance(v, Field)}
        options = attrs.pop("Meta", None)
        attrs = {key: v for key, v in attrs.items() if key not in members}
        attrs["__match_args__"] = tuple(members)
        composite = super().__new__(mcs, name, bases, attrs)
        _refuse(composite, place, members, options)
        for key, member in members.items():
            member.set_attributes_from_name(key)
        composite._meta = Definition(
            f"{_app_label(attrs['__module__'], options, place)}.{name}",
            options.db_type,
            getattr(options, "schema", None),
            fields=list(members.values()),
            apps=getattr(options, "apps", live_apps),
        )
        types_of(composite._meta.apps).register(composite)  # type: ignore[arg-type]  # checked above
        from .fields import bind, bound_field

        for member in members.values():
            bind(member, composite)  # type: ignore[arg-type]  # checked above
        composite.Field = bound_field(composite)  # type: ignore[arg-type]  # checked above
        return composite

    @property
    def Operation(cls) -> Any:
        """Return the migration operation that creates the type as it stands.

        The name is the one that old migrations call.
        """
        from .operations import operation_of

        return operation_of(cls)  # type: ignore[arg-type]  # a class of this metaclass


class CompositeType(metaclass=CompositeTypeMeta):
    """Base of the classes that stand for composite types.

    Example:
        class Address(CompositeType):
            street = models.CharField(max_length=255)
            suburb = models.CharField(max_length=50)

            class Meta:
                db_type = "x_address"
    """

    _meta: ClassVar[Definition]
    Field: ClassVar[type[Any]]
    __match_args__: ClassVar[tuple[str, ...]] = ()

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
        values = self.__dict__
        values.update(zip(names, args, strict=False))
        for twice in values.keys() & kwargs.keys():
            message = f"{type(self).__name__} got member {twice!r} twice."
            raise TypeError(message)
        self._refuse_unknown(kwargs)
        values.update(kwargs)
        if len(values) < len(names):
            for field in self._meta.fields:
                if field.name not in values:
                    values[field.name] = _default(field)

    @classmethod
    def _refuse_unknown(cls, names: Iterable[str]) -> None:
        for name in names:
            if name not in cls.__match_args__:
                message = f"{cls.__name__} has no member {name!r}; it has {cls._meta.member_names}."
                raise TypeError(message)

    @classmethod
    def _from_json(cls, text: str | dict[str, Any]) -> CompositeType:
        """Return a value that decodes itself when a member is first touched.

        Args:
            text: what `to_json` makes of it; a mapping if that is parsed already.
        """
        value = cls.__new__(cls)
        value.__dict__["_json"] = text
        return value

    def __getattr__(self, name: str) -> Any:
        """Decode the text of the database, once, when a member is touched."""
        if name not in self.__match_args__:
            message = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(message)
        values = self.__dict__
        self._decode()
        if name in values:
            return values[name]
        message = (
            f"{self._meta.label}.{name}: {self._meta.qualified_name} had no attribute "
            f"{self._meta.get_field(name).column!r} when this value was read; migrate."
        )
        raise MissingMemberError(message)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set a member; what else the database holds stays as it is."""
        self._decode()
        super().__setattr__(name, value)

    def _decode(self) -> None:
        text = self.__dict__.get("_json")
        if text is not None:
            self._meta.codec.decode(self, text)
            # Last: another thread that meets no text must find the members.
            self.__dict__.pop("_json", None)

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


def _refuse(
    composite: type, place: str, members: Mapping[str, Any], options: Any
) -> None:
    """Raise DefinitionError for what cannot become a type."""
    for fault in _faults(composite, members, options):
        message = f"{place}{fault}"
        raise DefinitionError(message)


def _faults(composite: type, members: Mapping[str, Any], options: Any) -> Iterator[str]:
    if not getattr(options, "db_type", None):
        yield ": Meta.db_type is missing; name the type in PostgreSQL there."
    if not members:
        yield " has no members; declare a field."
    for name, field in members.items():
        if name in {"Field", "Operation"} or hasattr(composite, name):
            yield f".{name}: the name is taken by an attribute; rename the member."
        if field.is_relation or isinstance(field, AutoFieldMixin):
            kind = type(field).__name__
            yield f".{name}: a {kind} cannot be a member; use a plain field."


def _app_label(module: str, options: Any, place: str) -> str:
    label: str | None = getattr(options, "app_label", None)
    if label is None:
        config = live_apps.get_containing_app_config(module)
        if config is None:
            message = f"{place}: no app contains it; set Meta.app_label."
            raise DefinitionError(message)
        label = config.label
    return label


def _default(field: Field[Any, Any]) -> Any:
    """Return a member's default; unlike a model's, None rather than ''."""
    return None if field.default is NOT_PROVIDED else field.get_default()


def _frozen(value: Any) -> Any:
    """Return something hashable that is equal for equal values."""
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    if isinstance(value, dict):
        return frozenset((key, _frozen(item)) for key, item in value.items())
    return value
