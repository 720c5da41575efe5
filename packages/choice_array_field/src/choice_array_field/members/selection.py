"""The value of a field: its choices, its one canonical form, and what is no value."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db.models import CharField, IntegerField, TextField
from django.db.models.expressions import DatabaseDefault
from django.utils import timezone
from django.utils.choices import CallableChoiceIterator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from choice_array_field.django_private import AttributeSetter, DeferredAttribute
from choice_array_field.members import messages
from choice_array_field.members.choices import Choices, value_of

__all__ = ["SelectionField"]

MOST_REMEMBERED = 10_000  # selections of a field that are read without sorting

_Set = TypeVar("_Set", contravariant=True)
_Get = TypeVar("_Get", covariant=True)

if TYPE_CHECKING:
    _Array = ArrayField[_Set, _Get]
else:  # generic in the stubs only

    class _Array(ArrayField):
        def __class_getitem__(cls, types: Any) -> type[ArrayField]:
            return cls


class _Canonical(list[Any]):
    """A list that was read from the database: to assign it sorts nothing again."""


class Selection(DeferredAttribute):
    """The attribute of an instance: a value becomes canonical when it is assigned.

    A value that does not fit stays as it was assigned, so that `full_clean` can name it.
    """

    field: SelectionField[Any, Any]

    def __init__(self, field: Any) -> None:
        super().__init__(field)
        self._attname = field.attname

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        """Return the selection; a deferred one is loaded."""
        try:
            return instance.__dict__[self._attname]
        except (KeyError, AttributeError):  # deferred, or asked of the class
            return super().__get__(instance, cls)

    def __set__(self, instance: Any, value: Any) -> None:
        """Take a list of its own, so that no two instances share a default."""
        is_canonical = type(value) is _Canonical
        instance.__dict__[self._attname] = (
            list(value) if is_canonical else self.field.normal(value)
        )


class SelectionField(_Array[_Set, _Get]):
    """An array of choices that is canonical wherever it comes from."""

    descriptor_class = Selection
    # Django has the first text and that of invalid_choice in every language.
    default_error_messages = {
        "invalid_list": _("Enter a list of values."),
        "min_choices": messages.TOO_FEW,
        "max_choices": messages.TOO_MANY,
    }
    source: Any
    enforce: bool
    min_choices: int | None
    max_choices: int | None

    # What may be chosen

    @property
    def choice_set(self) -> Choices:
        """Return the choices; a callable is called anew each time."""
        if self.has_callable_choices:
            return Choices(self.base_field.choices, self.declared)
        if "_choice_set" not in self.__dict__:
            is_enum = self.source is not self.base_field
            source = self.source if is_enum else self.base_field.choices
            self.__dict__["_choice_set"] = Choices(source or (), self.declared)
        found: Choices = self.__dict__["_choice_set"]
        return found

    @property
    def has_callable_choices(self) -> bool:
        """Return whether the choices are known only when they are asked for."""
        return isinstance(self.base_field.choices, CallableChoiceIterator)

    @property
    def member_choices(self) -> Any:
        """Return the choices of the members, as a form field takes them.

        `choices` is None, since others take it for the choices of the value as a whole.
        """
        if self.has_callable_choices:
            return self.base_field.choices
        return self.choice_set.grouped

    def declared(self, value: Any) -> Any:
        """Return a declared value as the database returns it; a check names others."""
        try:
            return self._element(value)
        except ValidationError:
            return value

    def _element(self, value: Any) -> Any:
        value = self.base_field.to_python(value)
        if isinstance(value, str) and "\0" in value:  # PostgreSQL has no such text.
            raise self._no_choice(value)
        is_naive = isinstance(value, datetime.datetime) and timezone.is_naive(value)
        if is_naive and settings.USE_TZ:
            return timezone.make_aware(value, timezone.get_default_timezone())
        return value

    def _no_choice(self, value: Any) -> ValidationError:
        return messages.no_choice(value, self.error_messages["invalid_choice"])

    def _no_list(self) -> ValidationError:
        return ValidationError(self.error_messages["invalid_list"], "invalid_list")

    # The canonical value

    @staticmethod
    def is_selection(value: Any) -> bool:
        """Return whether a value is a collection whose items can be members."""
        return isinstance(value, Iterable) and not isinstance(
            value, str | bytes | Mapping
        )

    def canonical(self, values: Iterable[Any]) -> list[Any]:
        """Return the members of any values, without duplicates, in their order.

        Raises:
            ValidationError: one of them cannot be a value of the base field.
        """
        known = Choices(()) if self.has_callable_choices else self.choice_set
        elements = []
        for value in map(value_of, values):
            try:
                is_known = value in known
                hash(value)
            except TypeError:
                raise self._no_choice(value) from None
            elements.append(value if is_known else self._element(value))
        return known.canonical(elements)

    def normal(self, value: Any) -> Any:
        """Return the canonical list, or what does not fit as it is."""
        if hasattr(value, "resolve_expression") or not self.is_selection(value):
            return value
        values = list(value)
        try:
            return self.canonical(values)
        except ValidationError:
            return values

    def to_python(self, value: Any) -> Any:
        """Return the canonical list; a fixture's JSON is read.

        Raises:
            ValidationError: it is no list, or an item cannot be a member.
        """
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError:
                raise self._no_list() from None
        if value is None:
            return None
        if not self.is_selection(value):
            raise self._no_list()
        return self.canonical(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return the canonical list of a value that another program may have written."""
        if value is None:
            return None
        stored = tuple(value)
        remembers = self._remembers and list not in map(type, stored)
        if remembers and (found := self._read.get(stored)):
            return _Canonical(found)
        if hasattr(self.base_field, "from_db_value"):
            convert = self.base_field.from_db_value
            value = [convert(item, expression, connection) for item in value]
        selection = _Canonical(self.normal(value))
        if remembers and len(self._read) < MOST_REMEMBERED:
            self._read[stored] = list(selection)
        return selection

    @cached_property
    def _read(self) -> dict[tuple[Any, ...], list[Any]]:
        """Return the selections of arrays that were read: most rows repeat some."""
        return {}

    @cached_property
    def _remembers(self) -> bool:
        # A callable may answer otherwise, and 1 == True == 1.0 in other fields.
        is_text = isinstance(self.base_field, CharField | TextField | IntegerField)
        return is_text and not self.has_callable_choices

    def get_prep_value(self, value: Any) -> Any:
        """Return plain values in canonical order.

        Raises:
            ValidationError: it is no list, or an item cannot be a member.
        """
        value = super().get_prep_value(value)
        if value is None or hasattr(value, "resolve_expression"):
            return value
        if not self.is_selection(value):
            raise self._no_list()
        return [value_of(member) for member in self.canonical(value)]

    def get_db_prep_value(
        self, value: Any, connection: Any, prepared: bool = False
    ) -> Any:
        """Return what the driver takes."""
        value = value if prepared else self.get_prep_value(value)
        return super().get_db_prep_value(value, connection, prepared=True)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Return what the driver takes; since Django 6.1 ArrayField has its own way."""
        is_expression = hasattr(value, "as_sql")
        return value if is_expression else self.get_db_prep_value(value, connection)

    def get_placeholder_sql(self, value: Any, compiler: Any, connection: Any) -> Any:
        """Return the SQL of a value; a cast of DEFAULT, as in Django 6.1, is none."""
        if isinstance(value, DatabaseDefault):
            return compiler.compile(value)
        return super().get_placeholder_sql(value, compiler, connection)

    def value_to_string(self, obj: Any) -> str:
        """Return the JSON that fixtures hold."""
        members: Any = self.value_from_object(obj)
        if self.is_selection(members):
            members = [self._text(value_of(member)) for member in members]
        return json.dumps(members, ensure_ascii=False)

    def _text(self, value: Any) -> str | None:
        holder: Any = AttributeSetter(self.base_field.attname, value)
        return None if value is None else self.base_field.value_to_string(holder)

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        """Return the selection, made canonical if the list was changed in place."""
        value = getattr(model_instance, self.attname)
        if type(value) is list:
            value[:] = self.normal(value)
        return value

    # Validation

    def clean(self, value: Any, model_instance: Any) -> Any:
        """Return the canonical list of a value that is a list of choices.

        Raises:
            ValidationError: it is none; the text names what is wrong.
        """
        if isinstance(value, str):  # also JSON, which only a fixture holds
            raise self._no_list()
        return super().clean(value, model_instance)

    def validate(self, value: Any, model_instance: Any) -> None:
        """Check number and membership, without a query.

        Raises:
            ValidationError: it names the first values that are not choices.
        """
        if not self.editable:
            return
        if value is None and not self.null:
            raise ValidationError(self.error_messages["null"], code="null")
        if value in self.empty_values:
            if not self.blank:
                raise ValidationError(self.error_messages["blank"], code="blank")
            return
        kept = getattr(model_instance, self._kept_name, ())
        messages.check_selection(self, value, kept)

    def run_validators(self, value: Any) -> None:
        """Run the validators of the field, and of the base field on each member."""
        super().run_validators(value and [value_of(member) for member in value])

    @property
    def _kept_name(self) -> str:
        return f"_{self.name}_kept"

    def save_form_data(self, instance: Any, data: Any) -> None:
        """Assign what a form gave, and note which old values it keeps.

        The database held those, so `validate` lets them pass.
        """
        old = getattr(instance, self.attname)
        if not self.enforce and self.is_selection(old):
            choices = self.choice_set
            kept = [value for value in old if value not in choices]
            setattr(instance, self._kept_name, kept)
        super().save_form_data(instance, data)
