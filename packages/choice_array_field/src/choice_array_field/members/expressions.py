"""Change some members of many rows in one statement, without reading them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError
from django.db.models import CharField, F, Func, TextField, Value

from choice_array_field.members import messages
from choice_array_field.members.choices import value_of
from choice_array_field.members.selection import SelectionField

__all__ = ["AddChoices", "RemoveChoices"]

# Python sorts text by code points, as the collation "C" does in UTF-8.
_CANONICAL = "GROUP BY m ORDER BY m{collation} NULLS LAST"


class _Members(Func):
    """A selection with some members more or less, in canonical order.

    Args:
        field: the name of the field, or an expression of its value.
        members: enum members or values.
    """

    def __init__(self, field: Any, *members: Any) -> None:
        if not members:
            text = f"{type(self).__name__} needs a member, as in ({field!r}, 'docs')."
            raise TypeError(text)
        self.members = members
        super().__init__(F(field) if isinstance(field, str) else field)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        """Return the expression with its members checked.

        Raises:
            FieldError: the expression is not a selection.
            ValidationError: a member is not a choice of the field.
        """
        resolved: Any = super().resolve_expression(*args, **kwargs)
        selection, *members = resolved.get_source_expressions()
        if members:  # Django resolves the expression of an update twice.
            return resolved
        field = selection.output_field
        if not isinstance(field, SelectionField):
            text = f"{type(self).__name__} changes a ChoiceArrayField, not {selection}."
            raise FieldError(text)
        choices = field.choice_set
        for member in map(value_of, self.members):
            if member not in choices:
                raise messages.no_choice(member, nearest=choices.nearest(member))
        value = Value(field.get_prep_value(self.members), field)
        resolved.set_source_expressions([selection, value])
        resolved.output_field = field
        return resolved

    def as_sql(self, *args: Any, **context: Any) -> Any:
        """Return the SQL; an array has no function that sorts it."""
        base = self.output_field.base_field  # type: ignore[attr-defined]  # of an array
        collation = ' COLLATE "C"' if isinstance(base, CharField | TextField) else ""
        context["canonical"] = _CANONICAL.format(collation=collation)
        return super().as_sql(*args, **context)


class AddChoices(_Members):
    """The selection with these members too: `update(flags=AddChoices("flags", ...))`.

    NULL becomes a selection of them. `max_choices` is left to the database, which refuses
    the statement.
    """

    arg_joiner = " || "
    template = "ARRAY(SELECT m FROM unnest(%(expressions)s) AS m %(canonical)s)"


class RemoveChoices(_Members):
    """The selection without these members; NULL stays NULL."""

    arg_joiner = ") AS m WHERE m IS NULL OR m <> ALL("
    template = "ARRAY(SELECT m FROM unnest(%(expressions)s) %(canonical)s)"

    def as_sql(self, *args: Any, **context: Any) -> Any:
        """Return the SQL: of NULL, `unnest` would make the empty selection."""
        sql, params = super().as_sql(*args, **context)
        selection, selection_params = args[0].compile(self.get_source_expressions()[0])
        sql = f"CASE WHEN {selection} IS NOT NULL THEN {sql} END"
        return sql, (*selection_params, *params)
