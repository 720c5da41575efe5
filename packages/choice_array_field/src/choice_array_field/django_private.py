"""Everything private of Django that is used, checked by tests/test_django_private.py.

- A model of a migration's state has `__module__ = "__fake__"`.
- `Options.original_attrs` says which options the migration state reads from a model.
- `In.resolve_expression_parameter` makes the SQL of each value on the right.
- `AddConstraintNotValid` calls `create_sql` with the model that lacks the constraint,
  `AddConstraint` with the model that has it.
"""

from __future__ import annotations

from typing import Any

from django.db import models

__all__ = ["add_constraint", "is_historical"]


def is_historical(model: type[models.Model]) -> bool:
    """Return whether a model belongs to the state of a migration."""
    return model.__module__ == "__fake__"


def add_constraint(
    model: type[models.Model], constraint: models.BaseConstraint
) -> None:
    """Give a model a constraint as if its Meta named it."""
    options: Any = model._meta
    options.constraints = [*options.constraints, constraint]
    options.original_attrs["constraints"] = options.constraints
