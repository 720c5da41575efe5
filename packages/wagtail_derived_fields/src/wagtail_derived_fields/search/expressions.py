"""Filter and order searches by an annotation, on models without a derived field."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from wagtail_derived_fields.declare.columns import DerivedColumn, resolve

__all__ = ["searchable"]


class searchable:
    """An annotation that a search knows by the name of a FilterField.

    Args:
        name: of the FilterField, and of the annotation.
        expression: of the model's own fields.
        output_field: None takes that of the expression.

    Example:
        >>> jobs = Job.objects.annotate(
        ...     duration=searchable(
        ...         "duration", DurationInMonths("end_date", "start_date")
        ...     )
        ... )
        >>> jobs.filter(duration__range=(3, 12)).search("engineer")
    """

    # Django takes whatever has this method for an expression.
    contains_aggregate = contains_over_clause = False
    conditional = False

    def __init__(
        self, name: str, expression: Any, output_field: Any | None = None
    ) -> None:
        self.name = name
        self.expression = F(expression) if isinstance(expression, str) else expression
        self.output_field = output_field or expression.output_field

    def resolve_expression(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the column that stands for the expression in a query."""
        target = self.output_field.clone()
        target.set_attributes_from_name(self.name)
        target.model = query.model
        target.null = True
        alias = query.get_initial_alias()
        found = resolve(query.model, self.expression)
        return DerivedColumn(alias, target, found.on_alias(alias))
