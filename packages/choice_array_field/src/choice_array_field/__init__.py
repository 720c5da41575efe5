"""Multiple choice on PostgreSQL arrays."""

from __future__ import annotations

from .choices import Choices
from .constraints import ChoiceArrayConstraint
from .fields import ChoiceArrayField
from .forms import ChoiceArrayFormField
from .operations import RemoveChoice, RenameChoice

__all__ = [
    "ChoiceArrayConstraint",
    "ChoiceArrayField",
    "ChoiceArrayFormField",
    "Choices",
    "RemoveChoice",
    "RenameChoice",
]
