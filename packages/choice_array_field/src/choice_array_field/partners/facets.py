"""Count the members of a field over the rows of a query set, in one query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Func, QuerySet
from django.db.models.constants import LOOKUP_SEP

if TYPE_CHECKING:
    from choice_array_field.column.fields import ChoiceArrayField

__all__ = ["count_members", "most_first"]


class _Members(Func):
    """A row for each member, and one with NULL where there is none."""

    template = "unnest(coalesce(nullif(%(expressions)s, '{}'), '{NULL}'))"
    arity = 1
    set_returning = True


def count_members(
    queryset: QuerySet[Any], path: str, field: ChoiceArrayField[Any, Any]
) -> dict[Any, int]:
    """Return how many of the rows hold each member.

    Args:
        queryset: any that selects rows: filtered, annotated, distinct or sliced.
        path: the field as a lookup names it, such as "flags" or "item__flags".
        field: the field at the end of the path.

    Returns:
        Count by member; None counts the rows that hold none, be they empty or NULL.
        A value outside the choices counts too; a choice that no row holds is left out.
        A member that another program wrote into a row twice counts twice.
    """
    # Only a relation joins a row twice; DISTINCT takes three times as long.
    is_related = LOOKUP_SEP in path
    # Grouped from the inside, an annotation or a limit of theirs would join in.
    rows = queryset.model._base_manager.using(queryset.db)
    counts = (
        rows.filter(pk__in=queryset.values("pk"))
        .values(_member=_Members(F(path), output_field=field.base_field))
        .annotate(_count=Count("pk", distinct=is_related))
        .order_by()
        .values_list("_member", "_count")
    )
    choices = field.choice_set
    return {choices.member(member): count for member, count in counts}


def most_first(
    counts: dict[Any, int], field: ChoiceArrayField[Any, Any]
) -> dict[Any, int]:
    """Return the counts from the highest; equal ones in the order of the choices."""
    members = sorted((member for member in counts if member is not None), key=str)
    order = [*field.choice_set.display_order(members), *({None} & counts.keys())]
    return {
        member: counts[member] for member in sorted(order, key=lambda m: -counts[m])
    }
