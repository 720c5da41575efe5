"""Random selections for model_bakery.

BAKER_CUSTOM_FIELDS_GEN = {
"choice_array_field.ChoiceArrayField": "choice_array_field.baker.random_members",
}
"""

from __future__ import annotations

import random
from typing import Any

from choice_array_field.column.fields import ChoiceArrayField

__all__ = ["random_members"]


def random_members(field: ChoiceArrayField[Any, Any]) -> list[Any]:
    """Return the least number of members that the field takes, at random; at least one."""
    count = max(field.min_choices or 0, 1)
    return random.sample(field.choice_set.values, count)  # no secret


# model_bakery asks each of these for a keyword argument.
random_members.required = [lambda field: ("field", field)]  # type: ignore[attr-defined]
