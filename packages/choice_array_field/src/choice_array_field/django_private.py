"""Everything private of Django that is used, checked by tests/test_django_private.py.

- A model of a migration's state has `__module__ = "__fake__"`.
- `Options.original_attrs` says which options the migration state reads from a model.
- `DeferredAttribute` is the attribute that loads a deferred field; ours is one too.
- `AttributeSetter` hands one element to a field that expects an instance.
- `ArrayField._check_default` warns of a shared list, which ours copies.
- ArrayField's lookups, and `In.resolve_expression_parameter`, which makes the SQL of
  each value on the right.
- `Statement` is what a schema editor executes, and queues in `deferred_sql`.
- `AddConstraintNotValid` calls `create_sql` with the model that lacks the constraint,
  `AddConstraint` with the model that has it.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import array
from django.contrib.postgres.fields.utils import AttributeSetter
from django.db import models
from django.db.backends.ddl_references import Statement
from django.db.models.query_utils import DeferredAttribute

__all__ = [
    "AttributeSetter",
    "DeferredAttribute",
    "Statement",
    "add_constraint",
    "is_historical",
    "lookups",
]

lookups: Any = array  # the stubs have none


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
