"""The column: a composite type as a model field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field
from django.db.models.base import ModelBase
from django.utils.translation import gettext_lazy as _

from postgres_composite_types.column.lookups import (
    LOOKUPS,
    MemberFactory,
    UnknownMember,
)
from postgres_composite_types.column.parameters import name_in_query, parameter
from postgres_composite_types.column.results import (
    is_positional,
    json_sql,
    value_converter,
)
from postgres_composite_types.declare.frozen import CompositeValue
from postgres_composite_types.declare.registry import live, types_of
from postgres_composite_types.exceptions import ValueTypeError
from postgres_composite_types.types import CompositeTypeMeta
from postgres_composite_types.values import conversion

if TYPE_CHECKING:
    from django.db.models import Model

    from postgres_composite_types.types import CompositeType

__all__ = ["CompositeTypeField", "bind", "bound_field"]

PATH = "postgres_composite_types.CompositeTypeField"


class CompositeTypeField(Field):  # type: ignore[type-arg]  # generic in the stubs only
    """A column of a composite type, which is named as `app_label.Name`.

    `Address.Field` is this class with the name filled in; a subclass of that keeps
    its own path in migrations, so its `__init__` may take more arguments.
    """

    description = _("Composite type")
    default_error_messages = {
        "bad_json": _("%(type)s: %(value)r is no JSON object: %(reason)s."),
        "kind": _(
            "%(place)s: expected %(type)s or a mapping of its members,"
            " got %(value)r (%(kind)s)."
        ),
    }
    empty_strings_allowed = False
    bound_reference: ClassVar[str | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the reference, unless the class has it, then Django's arguments."""
        reference = self.bound_reference
        if reference is None:
            reference, *rest = args
            args = tuple(rest)
        self.reference: str = reference
        super().__init__(*args, **kwargs)

    @property
    def composite(self) -> type[CompositeType]:
        """Return the type: of the state that the model belongs to, or the living.

        Raises:
            UnknownTypeError: there is no such type.
        """
        model = getattr(self, "model", None)
        found: tuple[Any, type[CompositeType]] | None = self.__dict__.get("_found")
        if found is None or found[0] is not model:
            types = types_of() if model is None else types_of(model._meta.apps)
            found = self.__dict__["_found"] = (model, types.get(self.reference))
        return found[1]

    def __reduce__(self) -> Any:
        """Pickle a member as a plain field: no model leads to it."""
        if isinstance(getattr(self, "model", None), ModelBase):
            return super().__reduce__()
        state = {k: v for k, v in self.__dict__.items() if k not in {"model", "_found"}}
        state.pop("_get_default", None)
        return _empty, (type(self),), state

    def deconstruct(self) -> Any:
        """Name the type by its reference: history has its own classes."""
        name, path, args, kwargs = super().deconstruct()
        if "bound_reference" in vars(type(self)):
            path = PATH
        if path == PATH or self.bound_reference is None:
            args = [self.reference]
        return name, path, args, kwargs

    def clone(self) -> Any:
        """Return a new field of what `deconstruct` says."""
        _, path, args, kwargs = self.deconstruct()
        return (CompositeTypeField if path == PATH else type(self))(*args, **kwargs)

    def get_default(self) -> Any:
        """Return a value of its own for each instance: its members can be changed."""
        default = super().get_default()
        if isinstance(default, CompositeValue):
            return default.of(self.composite)
        return deepcopy(default) if default is self.default else default

    def get_internal_type(self) -> str:
        """Return a name that is no type of Django's."""
        return "CompositeTypeField"

    def db_type(self, connection: Any) -> str:
        """Return the quoted name of the type."""
        return self.composite._meta.qualified_name

    def cast_db_type(self, connection: Any) -> str:
        """Return the quoted name for queries, which have parameters."""
        return name_in_query(self.composite)

    def to_python(self, value: Any) -> Any:
        """Make a value of a mapping, of the JSON text of one, or of a whole tuple.

        Raises:
            ValidationError: there is a member that the type has not.
        """
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError as error:
                params = {"type": self.reference, "value": value, "reason": error}
                message = self.error_messages["bad_json"]
                raise ValidationError(message, "bad_json", params) from error
        if value is None or type(value) is self.composite:
            return value
        if self._is_whole(value):
            value = dict(zip(self.composite.__match_args__, value, strict=True))
        if not isinstance(value, Mapping):
            raise ValidationError(
                self.error_messages["kind"], "kind", self._kind_params(value)
            )
        try:
            made = self.composite(**conversion.without_removed(self.composite, value))
        except TypeError as error:
            raise ValidationError(str(error)) from error
        for member in self.composite._meta.fields:
            if member.name in value:
                self._convert(member, made)
        return made

    def _is_whole(self, value: Any) -> bool:
        """Return whether it is a tuple of all members, in the class's order."""
        names = self.composite.__match_args__
        return isinstance(value, tuple) and len(value) == len(names)

    def _convert(self, member: Field[Any, Any], made: CompositeType) -> None:
        try:
            plain = getattr(made, member.name)
            setattr(made, member.name, conversion.from_plain(member, plain))
        except ValidationError as error:
            raise ValidationError(
                [f"{member.verbose_name}: {text}" for text in error.messages]
            ) from error

    def validate(self, value: Any, model_instance: Any) -> None:
        """Validate the members; each message begins with its member's name."""
        super().validate(value, model_instance)
        if value is None:
            return
        try:
            value.full_clean()
        except ValidationError as error:
            raise ValidationError(_flat(error, self.composite)) from error

    def pre_save(self, model_instance: Model, add: bool) -> Any:
        """Call `pre_save` of the members, as a model does: `auto_now` sets the time."""
        value = super().pre_save(model_instance, add)
        # First the quick question: this is called for every row.
        if type(value) is not self.composite and (
            isinstance(value, Mapping) or self._is_whole(value)
        ):
            value = self.to_python(value)
            setattr(model_instance, self.attname, value)
        self.prepare_members(value, add)
        return value

    def prepare_members(self, value: Any, add: bool) -> None:
        """Call `pre_save` of the members; for them a value is new that has none yet."""
        if type(value) is not self.composite:
            return
        for member in value._meta.saved_members:
            before = getattr(value, member.name)
            after = member.pre_save(value, add or before is None)
            if after is not getattr(value, member.name):
                setattr(value, member.name, after)

    def get_prep_value(self, value: Any) -> Any:
        """Return a value of the type, or an expression as it is.

        Raises:
            ValueTypeError: the value is neither, nor a mapping of members.
        """
        value = super().get_prep_value(value)
        if value is None or type(value) is self.composite:
            return value
        if hasattr(value, "as_sql") or hasattr(value, "resolve_expression"):
            return value
        if isinstance(value, Mapping) or self._is_whole(value):
            return self.to_python(value)
        is_historical = types_of(self.composite._meta.apps) is not live
        if is_historical and hasattr(value, "deconstruct"):
            # A migration's default comes in the class of today.
            value = CompositeValue(*value.deconstruct()[1])
        if isinstance(value, CompositeValue):
            return value.of(self.composite)
        message = self.default_error_messages["kind"]
        raise ValueTypeError(message % self._kind_params(value))

    def _kind_params(self, value: Any) -> dict[str, Any]:
        is_placed = hasattr(self, "model")
        return {
            "place": f"{self} ({self.reference})" if is_placed else self.reference,
            "type": self.composite.__name__,
            "value": value,
            "kind": type(value).__name__,
        }

    def get_db_prep_value(
        self, value: Any, connection: Any, prepared: bool = False
    ) -> Any:
        """Return the JSON that the SQL around it turns into the type."""
        if not prepared:
            value = self.get_prep_value(value)
        composite = self.composite
        return (
            composite._meta.codec.encode(value) if type(value) is composite else value
        )

    def get_db_converters(self, connection: Any) -> list[Any]:
        """Return what makes values of one result; it is asked for once per query."""
        return [value_converter(self.composite, connection)]

    def select_format(self, compiler: Any, sql: str, params: Any) -> Any:
        """Read JSON, which names the members and needs no support by the driver."""
        if is_positional(compiler):
            return sql, params
        return json_sql(self.composite._meta, sql, params)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        """Return the SQL around a value: Django up to 6.0."""
        return "%s" if hasattr(value, "as_sql") else parameter(self.composite, value)

    def get_placeholder_sql(self, value: Any, compiler: Any, connection: Any) -> Any:
        """Return the SQL around a value: Django from 6.1 on."""
        if hasattr(value, "as_sql"):
            return compiler.compile(value)
        return parameter(self.composite, value), (value,)

    def get_transform(self, name: str) -> Any:
        """Return the member of that name, or a registered transform."""
        definition = self.composite._meta
        try:
            definition.get_field(name)
        except FieldDoesNotExist:
            return super().get_transform(name) or UnknownMember(definition, name)
        return MemberFactory(name)

    def value_to_string(self, obj: Any) -> Any:
        """Return the plain data that `to_python` reads: serializers nest them."""
        return conversion.to_plain(self, self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> Any:
        """Return a form field with one for each member."""
        from postgres_composite_types.forms import CompositeFormField

        return super().formfield(
            **{
                "form_class": CompositeFormField,
                "composite": self.composite,
                "show_hidden_initial": False,  # It would be one text for all of them.
                **kwargs,
            }
        )


for lookup in LOOKUPS:
    CompositeTypeField.register_lookup(lookup)


def _empty(field_class: type[CompositeTypeField]) -> CompositeTypeField:
    return field_class.__new__(field_class)


def _flat(error: ValidationError, composite: type[CompositeType]) -> list[str]:
    """Return the messages with the names of members before them.

    Django joins what a field raises into a list, so a mapping cannot pass.
    """
    if not hasattr(error, "error_dict"):
        return error.messages
    names = {f.name: f"{f.verbose_name}: " for f in composite._meta.fields}
    return [
        f"{names.get(key, '')}{message}"
        for key, messages in error.message_dict.items()
        for message in messages
    ]


def bind(member: Field[Any, Any], owner: type[CompositeType]) -> None:
    """Let a nested type be looked up where the type belongs that it is a member of."""
    while isinstance(member, ArrayField):
        member = member.base_field
    if isinstance(member, CompositeTypeField):
        member.model = owner  # type: ignore[assignment]  # a type, not a model


def _complete(composite: type[CompositeType]) -> None:
    for member in composite._meta.fields:
        bind(member, composite)
    composite.Field = bound_field(composite)


def bound_field(composite: type[CompositeType]) -> type[CompositeTypeField]:
    """Return the field class of a type: `Address.Field`."""
    return type(
        "Field",
        (CompositeTypeField,),
        {
            "__module__": composite.__module__,
            "__qualname__": f"{composite.__qualname__}.Field",
            "__doc__": f"A column of {composite._meta.label}.",
            "bound_reference": composite._meta.label,
        },
    )


CompositeTypeMeta.completions.append(_complete)
