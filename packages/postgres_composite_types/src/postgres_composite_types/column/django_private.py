"""What Django has no public hook for; everything private of it that is used.

Checked against Django 5.2, 6.0 and 6.1 by `tests/test_django_private.py`:

- `PositionRef.as_sql`: `ORDER BY 1` would sort the JSON that is read (since 5.1).
- `Query.build_filter`: makes `NOT (... AND column IS NOT NULL)`, no matter the member.
- `SQLCompiler._get_combinator_part_sql`: UNION and its kin sort by place only.
- `SQLCompiler.as_sql`: values that DISTINCT, GROUP BY and UNION compare are not JSON.
- `SQLInsertCompiler.assemble_as_sql` of the PostgreSQL backend: one JSON array for all
  values of a column. Where it is not as expected, rows are inserted one by one.
- `UpdateQuery.add_update_values`: takes fields only, so no `address__suburb`.
- `Value._resolve_output_field`: does not know what field a value belongs to.
- `Value.as_sql`: has no hook that could leave JSON out of a definition.
"""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.backends.postgresql import compiler as postgresql
from django.db.models import Transform, Value
from django.db.models.sql.compiler import PositionRef, SQLCompiler
from django.db.models.sql.query import Query
from django.db.models.sql.subqueries import UpdateQuery
from django.db.models.sql.where import AND

from postgres_composite_types.column.arrays import element_of
from postgres_composite_types.column.fields import CompositeTypeField, bind
from postgres_composite_types.column.insert import assemble
from postgres_composite_types.column.literals import is_definition, literal_sql
from postgres_composite_types.column.lookups import Member
from postgres_composite_types.column.results import is_positional, read_by_name
from postgres_composite_types.column.update import member_target
from postgres_composite_types.declare.definition import Definition
from postgres_composite_types.declare.frozen import CompositeValue
from postgres_composite_types.replacing import replace
from postgres_composite_types.types import CompositeType

__all__ = ["install"]


def install() -> None:
    """Put everything in place; a second call changes nothing."""
    for owner, name, replacement in REPLACEMENTS:
        replace(owner, name, replacement)


def _position_as_sql(original: Any, ref: Any, compiler: Any, connection: Any) -> Any:
    """Sort by the value itself where its JSON is selected."""
    field = ref.source._output_field_or_none
    if element_of(field)[0] is None or is_positional(compiler):
        return original(ref, compiler, connection)
    return compiler.compile(ref.source)


def _combinator_part(original: Any, outer: Any, compiler: Any) -> Any:
    """Mark the compiler, so that values are selected as they are."""
    compiler.is_part_of_combination = True
    return original(outer, compiler)


def _as_sql(original: Any, compiler: Any, *args: Any, **kwargs: Any) -> Any:
    """Read the values of a result by name, though they are compared by place."""
    sql, params = original(compiler, *args, **kwargs)
    query = compiler.query
    is_result = not (query.subquery or hasattr(compiler, "is_part_of_combination"))
    if not is_result or query.explain_info or not is_positional(compiler):
        return sql, params
    definitions = [
        _definition_of(expression._output_field_or_none)
        for expression, _, _ in compiler.select
    ]
    if not any(definitions):
        return sql, params
    return read_by_name(sql, params, definitions)


def _definition_of(field: Any) -> Definition | None:
    element, _ = element_of(field)
    return element.composite._meta if element else None


def _assemble_as_sql(original: Any, compiler: Any, fields: Any, rows: Any) -> Any:
    """Insert composite columns as one JSON array each, as Django does with UNNEST."""
    source = assemble(compiler.connection, fields, rows)
    if source is None:
        return original(compiler, fields, rows)
    sql, params = source
    return UnnestedRows([sql]), [params]


class UnnestedRows(postgresql.InsertUnnest):
    """Tells `bulk_insert_sql` to write `SELECT * FROM` this."""

    def __str__(self) -> str:
        return str(self[0])


def _add_update_values(original: Any, query: Any, values: dict[str, Any]) -> Any:
    """Take `address__suburb` as what it says: one member of the column."""
    fields = {}
    for name, value in values.items():
        column, target = member_target(query.get_meta(), name)
        if column is None:
            fields[name] = value
            continue
        model = column.model._meta.concrete_model
        if model is query.get_meta().concrete_model:
            query.add_update_fields([(target, model, value)])
        else:
            query.add_related_update(model, target, value)
    return original(query, fields)


def _resolve_output_field(original: Any, value: Any) -> Any:
    """Know the field of a composite value, and of a list of them."""
    return _field_of(value.value) or original(value)


def _field_of(value: Any) -> Any:
    if isinstance(value, CompositeValue):
        return CompositeTypeField(value.reference)
    if isinstance(value, CompositeType):
        field = value.Field()
        bind(field, type(value))  # It may be a class of the history.
        return field
    if isinstance(value, list | tuple):
        element = next(filter(None, map(_field_of, value)), None)
        return element and ArrayField(element)
    return None


def _value_as_sql(original: Any, value: Any, compiler: Any, connection: Any) -> Any:
    """Find the class of a frozen value, and write a literal into a definition."""
    field = value._output_field_or_none
    element, _ = element_of(field)
    if element is None or not is_definition(compiler):
        return original(value, compiler, connection)
    if not hasattr(element, "model"):
        element.model = compiler.query.model
    prepared = field.get_db_prep_value(value.value, connection)
    return literal_sql(field, prepared, connection)


def _build_filter(original: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
    """Let `exclude` keep rows whose member is NULL, as it does for columns."""
    clause, joins = original(query, *args, **kwargs)
    if kwargs.get("current_negated") and clause.children:
        condition = clause.children[0]
        member = _member_in(getattr(condition, "lhs", None))
        if member is not None and condition.lookup_name != "isnull":
            is_null: Any = member.get_lookup("isnull")  # every field has it
            clause.add(is_null(member, False), AND)
    return clause, joins


def _member_in(expression: Any) -> Member | None:
    while isinstance(expression, Transform) and not isinstance(expression, Member):
        expression = expression.lhs
    return expression if isinstance(expression, Member) else None


REPLACEMENTS = (
    (PositionRef, "as_sql", _position_as_sql),
    (Query, "build_filter", _build_filter),
    (SQLCompiler, "as_sql", _as_sql),
    (SQLCompiler, "_get_combinator_part_sql", _combinator_part),
    (postgresql.SQLInsertCompiler, "assemble_as_sql", _assemble_as_sql),
    (UpdateQuery, "add_update_values", _add_update_values),
    (Value, "_resolve_output_field", _resolve_output_field),
    (Value, "as_sql", _value_as_sql),
)
