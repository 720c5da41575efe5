"""Stand in a query for a derived field: its expression on the table of one alias."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import (
    Expression,
    ExpressionWrapper,
    QuerySet,
    Subquery,
    functions,
)
from django.db.models.expressions import Col, CombinedExpression
from django.db.models.lookups import Lookup
from django.db.models.sql import Query

from wagtail_derived_fields.evaluate.months import MonthsBetween

__all__ = ["DerivedColumn", "Resolved", "resolve"]

VALUE = "derived_value"
OUTER = "derived_outer"  # stands for the alias that a subquery is correlated with
PREFIX = "derived"
STRICT = (
    CombinedExpression,
    ExpressionWrapper,
    MonthsBetween,
    functions.Abs,
    functions.Extract,
    functions.Length,
)


class DerivedColumn(Expression):
    """The expression of a field in a query, with the alias and target of a column.

    modelsearch and Django find the field of a condition by these two attributes.
    """

    is_derived_column = True
    contains_column_references = True
    possibly_multivalued = False

    def __init__(
        self, alias: str, target: models.Field[Any, Any], expression: Any
    ) -> None:
        super().__init__(output_field=target)
        self.alias = alias
        self.target = target
        self.expression = expression

    def get_source_expressions(self) -> list[Any]:
        """Return the expression, so that a query sees its columns."""
        return [self.expression]

    def set_source_expressions(self, exprs: Any) -> None:
        """Take the expression back."""
        [self.expression] = exprs

    def resolve_expression(self, *args: Any, **kwargs: Any) -> DerivedColumn:
        """Return itself: its columns are resolved already, as those of Col are."""
        return self

    def relabeled_clone(self, relabels: Mapping[Any, str]) -> DerivedColumn:
        """Return the same on another alias."""
        alias = relabels.get(self.alias, self.alias)
        expression = self.expression.relabeled_clone(relabels)
        return type(self)(alias, self.target, expression)

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """Return the SQL of the expression, NULL if an outer join found no row."""
        sql, params = compiler.compile(self.expression)
        if isinstance(self.expression, Lookup):
            sql = f"({sql})"
        if self.alias == compiler.query.base_table or _is_strict(self.expression):
            return sql, params
        pk, _ = compiler.compile(Col(self.alias, self.target.model._meta.pk))
        return f"CASE WHEN {pk} IS NOT NULL THEN {sql} END", params

    def get_group_by_cols(self) -> list[Any]:
        """Group by the value, as one groups by a column."""
        return [self]


class Resolved:
    """The expression of a field, resolved on its model's own table.

    Attributes:
        is_local: it has the columns of one table only; otherwise it becomes a
            correlated subquery.
        is_multiplied: a relation to many may give it more than one value.
        is_own: it follows no row but the instance's, whose parents' tables included.
        expression: of that row, on the table's own name as alias.
        paths: for each alias the names of the forward foreign keys that lead to it; an
            alias that a relation to many leads to is not in it.
    """

    def __init__(
        self, model: type[models.Model], expression: Any, number: object
    ) -> None:
        self._model = model
        self._number = number
        query = Query(model)
        query.get_initial_alias()
        self.expression = expression.resolve_expression(query, allow_joins=True)
        self.paths = _find_paths(query)
        self.is_local = (
            len(query.alias_map) == 1
            and not self.expression.contains_aggregate
            and not _has_subquery(self.expression)
        )
        self.is_own = self.is_local or (
            all(map(_is_parent_link, query.alias_map.values()))
            and not self.expression.contains_aggregate
            and not _has_subquery(self.expression)
        )
        self.is_multiplied = (
            len(self.paths) < len(query.alias_map)
            and not self.expression.contains_aggregate
        )
        self._subquery = None if self.is_local else _correlate(model, expression)

    def on_alias(self, alias: str) -> Any:
        """Return the expression on the table with another alias."""
        if self._subquery is None:
            table = self._model._meta.db_table
            if alias == table:
                return self.expression
            return self.expression.relabeled_clone({table: alias})
        query = self._subquery.clone()
        inner = (f"{PREFIX}{self._number}_{i}" for i in range(len(query.alias_map)))
        query.change_aliases(dict(zip(query.alias_map, inner, strict=True)))
        query.where.relabel_aliases({OUTER: alias})
        # Names of tables are quoted, the aliases that Django makes up are not.
        query.external_aliases[alias] = alias != self._model._meta.db_table
        return Subquery(query)


def resolve(
    model: type[models.Model], expression: Any, number: object = "x"
) -> Resolved:
    """Resolve an expression on a model.

    Args:
        model: whose fields it names.
        expression: not resolved.
        number: names the tables of its subquery; that of no other field, since the
            subqueries of derived fields stand in each other.

    Raises:
        FieldError: it names a field that does not exist.
    """
    return Resolved(model, expression, number)


def _correlate(model: type[models.Model], expression: Any) -> Query:
    """Return a query of the value of one row, whose key is that of the outer alias."""
    pk = model._meta.pk
    rows: QuerySet[Any] = QuerySet(model).order_by()
    rows = rows.filter(pk=Col(OUTER, pk)).annotate(**{VALUE: expression})
    query: Query = rows.values(VALUE).query
    return query


def _is_strict(expression: Any) -> bool:
    """Tell whether an expression is NULL if all its columns are."""
    if isinstance(expression, Col):
        return True
    if isinstance(expression, DerivedColumn):
        return _is_strict(expression.expression)
    if not isinstance(expression, STRICT):
        return False
    return any(map(_is_strict, expression.get_source_expressions()))


def _find_paths(query: Query) -> dict[str, tuple[str, ...]]:
    paths: dict[str, tuple[str, ...]] = {}
    joins: dict[str, Any] = dict(query.alias_map)
    for alias, join in joins.items():
        if join.parent_alias is None:
            paths[alias] = ()
            continue
        field = join.join_field
        parent = paths.get(join.parent_alias)
        is_forward = getattr(field, "concrete", False) and not field.many_to_many
        if parent is not None and is_forward:
            # An instance has the attributes of its parents' tables itself.
            step = () if _is_parent_link(join) else (field.name,)
            paths[alias] = (*parent, *step)
    return paths


def _is_parent_link(join: Any) -> bool:
    remote = getattr(getattr(join, "join_field", None), "remote_field", None)
    return join.parent_alias is None or bool(getattr(remote, "parent_link", False))


def _has_subquery(expression: Any) -> bool:
    if isinstance(expression, Subquery):
        return True
    return any(
        _has_subquery(source)
        for source in getattr(expression, "get_source_expressions", list)()
        if source is not None
    )
