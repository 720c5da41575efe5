"""Multiple choice on PostgreSQL arrays."""

from __future__ import annotations

from .choices import Choices
from .constraints import ChoiceArrayConstraint
from .fields import ChoiceArrayField
from .forms import ChoiceArrayFormField

__all__ = [
    "ChoiceArrayConstraint",
    "ChoiceArrayField",
    "ChoiceArrayFormField",
    "Choices",
]
