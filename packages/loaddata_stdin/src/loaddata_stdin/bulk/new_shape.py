"""Decide how the objects of a model become rows, from the first that lists its fields."""

from __future__ import annotations

from collections.abc import Iterable

from loaddata_stdin.bulk.shapes import Shape
from loaddata_stdin.bulk.tables import Tables
from loaddata_stdin.encode.rows import rows_of
from loaddata_stdin.model.plan import Plan
from loaddata_stdin.model.target import Target
from loaddata_stdin.objects import FixtureObject
from loaddata_stdin.options import Options
from loaddata_stdin.resolve.key_fields import require

__all__ = ["new_shape"]


def new_shape(
    tables: Tables, plan: Plan, item: FixtureObject, options: Options
) -> Shape:
    """Return what is done with objects that list the same fields.

    Args:
        tables: the staging tables.
        plan: of the model.
        item: one of the objects.
        options: how they are loaded.

    Raises:
        FieldDoesNotExist: a name is no field.
        ObjectValueError: a field is not listed that --key names.
    """
    names, format_name = tuple(item.fields), item.format
    rows = rows_of(
        plan.target,
        names,
        tables.dialect,
        format_name=format_name,
        is_lenient=options.is_lenient,
        is_strict=options.substitution is not None,
        is_patch=options.is_patch,
    )
    stage = tables.stage(plan.target)
    if any(key.name in names for key in plan.target.keys):
        # Not that of the object, then.
        stage.is_sorted, stage.has_keyless = False, True
    require(tables.keys.of(plan.target.model), item)
    listed = _listed(plan.target, names) if options.is_patch else ""
    shape = Shape(stage, rows, needs_key=plan.needs_key, listed=listed)
    for field in rows.relations:
        relation = tables.relation(field, stage)
        shape.list_also(relation, relation.maker(field.name, format_name))
    return shape


def _listed(target: Target, names: Iterable[str]) -> str:
    """Return 1 for each field of a table that is among the names, 0 for the others."""
    known = {*names, *(key.name for key in target.keys)}
    return "".join(
        str(int(field.name in known or field.attname in known))
        for field in target.fields
    )
