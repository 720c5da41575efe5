"""Multiple choice on PostgreSQL arrays.

The rooms; imports point upwards in this list, and never back:

    members       choices, and the selections of them
    forms         the form field
    column        the model field, its constraint, its lookups and its checks
    operations    RemoveChoice and RenameChoice, in migrations
    partners      the admin, Wagtail and search, each if it is installed
    drf, filters, baker, mypy_plugin   what you import, or name in settings
"""

from __future__ import annotations

from choice_array_field.column.constraints import ChoiceArrayConstraint
from choice_array_field.column.fields import ChoiceArrayField
from choice_array_field.forms import ChoiceArrayFormField
from choice_array_field.members.choices import Choices
from choice_array_field.members.expressions import AddChoices, RemoveChoices
from choice_array_field.operations import RemoveChoice, RenameChoice

__all__ = [
    "AddChoices",
    "ChoiceArrayConstraint",
    "ChoiceArrayField",
    "ChoiceArrayFormField",
    "Choices",
    "RemoveChoice",
    "RemoveChoices",
    "RenameChoice",
]
