"""Name the objects that a constraint refuses which is looked at in the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError
from django.db.models import ForeignKey

from loaddata_stdin.problems.diagnosis import Diagnosis
from loaddata_stdin.problems.problems import Problems, of_fields
from loaddata_stdin.resolve.many_to_many import Relation
from loaddata_stdin.stage.objects import UNIQUE, Stage
from loaddata_stdin.stage.table import Table

__all__ = ["is_constrained", "refuse_broken", "refuse_twins"]


def is_constrained(field: Any) -> bool:
    """Return whether a field is a foreign key that the database looks after."""
    return isinstance(field, ForeignKey) and bool(getattr(field, "db_constraint", True))


def refuse_broken(
    stages: Iterable[Stage],
    relations: Iterable[Relation],
    problems: Problems,
    error: DatabaseError,
) -> bool:
    """Refuse objects whose references lead to no row; return whether there are any.

    Args:
        stages: the staging tables.
        relations: those of many-to-many fields.
        problems: what takes them.
        error: what the database said of one of them.

    Raises:
        LoaddataStdinError: there are enough problems.
    """
    broken: list[tuple[Table, Any]] = [  # Any: fields
        (stage, field)
        for stage in stages
        for field in stage.target.fields
        if is_constrained(field)
    ]
    broken += [
        (relation, relation.target)
        for relation in relations
        if is_constrained(relation.target)
    ]
    found = False
    for table, field in broken:
        where, names = table.broken(field), table.field_names(field.column)
        for place in table.places(where, limit=problems.most):
            found = True
            this = f's."#number" = {place.number} AND {where}'
            value = table.cell(field.column, this)
            key = problems.secrets.hidden(place.number, value)
            label = field.remote_field.model._meta.label_lower
            what = f"{of_fields(names)}no {label} has the key {key}."
            problems.add(place, what, error)
    return found


def refuse_twins(
    stages: Iterable[Stage], problems: Problems, error: DatabaseError
) -> bool:
    """Refuse objects whose values a deferred constraint finds twice; return likewise."""
    diagnosis, found = Diagnosis(error), False
    for stage in stages if diagnosis.state == UNIQUE else ():
        fields = diagnosis.fields(stage.target.model)
        for place in stage.places(stage.twin(fields), limit=problems.most):
            found = True
            problems.refuse(place, error, [field.name for field in fields])
    return found
