"""The field: several of some choices, in a PostgreSQL array."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterable, Iterator, Set
from functools import partialmethod
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, overload

from django.db import models
from django.db.models.expressions import Combinable
from django.utils.text import capfirst

from choice_array_field import django_private
from choice_array_field.column import checks
from choice_array_field.column.constraints import ChoiceArrayConstraint, constraint_name
from choice_array_field.column.display import labels
from choice_array_field.column.lookups import LOOKUPS
from choice_array_field.forms import ChoiceArrayFormField, widget_for
from choice_array_field.members.bases import base_field_for
from choice_array_field.members.selection import SelectionField

__all__ = ["ChoiceArrayField"]

_Set = TypeVar("_Set", contravariant=True)
_Get = TypeVar("_Get", covariant=True)
_Item = TypeVar("_Item", covariant=True)
_Text = TypeVar("_Text", bound=models.TextChoices)
_Integer = TypeVar("_Integer", bound=models.IntegerChoices)
_Member = TypeVar("_Member", bound=enum.Enum)
_Value = TypeVar("_Value")


class _List(Protocol[_Item]):
    """What a list of a subtype is too, and a string is not."""

    def __iter__(self) -> Iterator[_Item]: ...
    def reverse(self) -> None: ...


if TYPE_CHECKING:
    _Several = (
        _List[_Value] | tuple[_Value, ...] | Set[_Value] | Iterator[_Value] | Combinable
    )


class ChoiceArrayField(SelectionField[_Set, _Get]):
    """Several of some choices.

    Args:
        base_field: an enum of Django's (`TextChoices` and its kin) or another one whose
            members are values (`enum.StrEnum`), or a model field that has choices.
        size: as in ArrayField.
        enforce: whether the database gets a CHECK of the members.
        min_choices: the least number of members, checked by forms and the database.
        max_choices: the greatest number of members, likewise.
        widget: what forms show: "select", "checkboxes", or a form widget.
        options: those of every model field.
    """

    description = "Several choices"

    @overload
    def __init__(
        self: ChoiceArrayField[_Several[_Text | str], list[_Text]],
        base_field: type[_Text],
        size: int | None = None,
        *,
        null: Literal[False] = False,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: ChoiceArrayField[_Several[_Text | str] | None, list[_Text] | None],
        base_field: type[_Text],
        size: int | None = None,
        *,
        null: Literal[True],
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: ChoiceArrayField[_Several[_Integer | int], list[_Integer]],
        base_field: type[_Integer],
        size: int | None = None,
        *,
        null: Literal[False] = False,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: ChoiceArrayField[_Several[_Integer | int] | None, list[_Integer] | None],
        base_field: type[_Integer],
        size: int | None = None,
        *,
        null: Literal[True],
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: ChoiceArrayField[_Several[_Member], list[_Member]],
        base_field: type[_Member],
        size: int | None = None,
        *,
        null: Literal[False] = False,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: ChoiceArrayField[_Several[_Member] | None, list[_Member] | None],
        base_field: type[_Member],
        size: int | None = None,
        *,
        null: Literal[True],
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: ChoiceArrayField[_Several[_Value], list[_Value]],
        base_field: models.Field[Any, _Value],
        size: int | None = None,
        *,
        null: Literal[False] = False,
        **options: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: ChoiceArrayField[_Several[_Value] | None, list[_Value] | None],
        base_field: models.Field[Any, _Value],
        size: int | None = None,
        *,
        null: Literal[True],
        **options: Any,
    ) -> None: ...
    def __init__(
        self,
        base_field: Any,
        size: int | None = None,
        *,
        enforce: bool = True,
        min_choices: int | None = None,
        max_choices: int | None = None,
        widget: Any = None,
        **options: Any,
    ) -> None:
        self.source = base_field
        if isinstance(base_field, type) and issubclass(base_field, enum.Enum):
            base_field = base_field_for(base_field)
        if not isinstance(base_field, models.Field):
            kind = type(base_field).__name__
            text = f"ChoiceArrayField takes an enum or a model field, not a {kind}."
            raise TypeError(text)
        self.enforce, self.widget = enforce, widget
        self.min_choices, self.max_choices = min_choices, max_choices
        if options.get("choices") is not None:
            text = "ChoiceArrayField takes no choices; give them to its base field."
            raise TypeError(text)
        super().__init__(base_field, size, **options)
        # ArrayField puts its own there for a base field that has one: it calls ours.
        self.__dict__.pop("from_db_value", None)

    # The model

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        """Add the display method and, where it is a real table, the CHECK."""
        display = f"get_{name}_display"
        has_own = display in cls.__dict__
        is_copy = self._is_copy_for(cls)
        super().contribute_to_class(cls, name, private_only)
        if not has_own:
            setattr(cls, display, partialmethod(_display, field=self))
        if not (cls._meta.abstract or is_copy or django_private.is_historical(cls)):
            constraint = self.constraint()
            if constraint is not None:
                django_private.add_constraint(cls, constraint)

    def _is_copy_for(self, cls: type[models.Model]) -> bool:
        """Return whether an audit log copies the field from a model into another.

        Its rows keep the members of their time, so the database must not refuse them.
        Django too copies fields, from abstract bases: those are among the bases.
        """
        owner = getattr(self, "model", None)
        return owner is not None and not issubclass(cls, owner)

    def constraint(self) -> ChoiceArrayConstraint | None:
        """Return the CHECK of this column; None where it has or can have none."""
        if not self.enforce or self.has_callable_choices or not self.choice_set:
            return None
        return ChoiceArrayConstraint(
            field=self.name,
            values=self.get_prep_value(self.choice_set.values),
            name=constraint_name(self.model._meta.db_table, str(self.column)),
            min_choices=self.min_choices,
            max_choices=self.max_choices,
            allow_empty=bool(self.blank and self.min_choices),
        )

    def check(self, **kwargs: Any) -> list[Any]:
        """Return what is wrong with the declaration."""
        return [*super().check(**kwargs), *checks.check_field(self, **kwargs)]

    def _check_default(self) -> list[Any]:
        return []  # each instance gets a list of its own

    def deconstruct(self) -> Any:
        """Return values only: a new label, order or enum is no migration."""
        name, path, args, kwargs = super().deconstruct()
        if type(self) is ChoiceArrayField:
            path = "choice_array_field.ChoiceArrayField"
        if not self.has_callable_choices and self.choice_set:
            values = self.get_prep_value(self.choice_set.values)
            kwargs["base_field"].choices = _frozen(values)
        if self.size is None:
            kwargs.pop("size", None)
        for option in ("default", "db_default"):
            if self.is_selection(kwargs.get(option)):
                kwargs[option] = self.get_prep_value(kwargs[option])
        if not self.enforce:
            kwargs["enforce"] = False
        for option in ("min_choices", "max_choices"):
            if getattr(self, option) is not None:
                kwargs[option] = getattr(self, option)
        return name, path, args, kwargs

    def with_values(self, values: Iterable[Any]) -> ChoiceArrayField[Any, Any]:
        """Return the field of a migration's state with other choices."""
        _, _, args, kwargs = self.deconstruct()
        kwargs["base_field"].choices = _frozen(values)
        return type(self)(*args, **kwargs)

    def clone(self) -> Any:
        """Return a copy that keeps the enum, the labels and the widget."""
        _, _, args, kwargs = self.deconstruct()
        is_enum = self.source is not self.base_field
        kwargs["base_field"] = self.source if is_enum else self.base_field.clone()
        return type(self)(*args, **kwargs, widget=self.widget)

    def formfield(self, **kwargs: Any) -> Any:
        """Return a form field that shows all choices; `form_class` may be another."""
        form_class = kwargs.pop("form_class", ChoiceArrayFormField)
        kwargs.pop("choices_form_class", None)
        is_ours = issubclass(form_class, ChoiceArrayFormField)
        options = {
            **({"field": self} if is_ours else {"choices": self.member_choices}),
            "required": not self.blank,
            "label": capfirst(self.verbose_name),
            "help_text": self.help_text,
        }
        if self.has_default():
            options["initial"] = self.default
        return form_class(**{**options, "widget": widget_for(self.widget), **kwargs})


def _frozen(values: Iterable[Any]) -> list[tuple[Any, str]]:
    """Return choices that a migration gives back as it got them: moments in UTC."""
    return [(value, str(value)) for value in map(_in_utc, values)]


def _in_utc(value: Any) -> Any:
    is_aware = isinstance(value, datetime.datetime) and value.tzinfo
    return value.astimezone(datetime.timezone.utc) if is_aware else value


def _display(instance: models.Model, field: ChoiceArrayField[Any, Any]) -> str:
    return labels(field, field.value_from_object(instance))


for _lookup in LOOKUPS:
    ChoiceArrayField.register_lookup(_lookup)
