"""The field in modelsearch, which has no hook for it; everything private that is used.

modelsearch is the search of Wagtail since 7.2. It knows lookups of single values only
(https://github.com/wagtail/django-modelsearch/issues/49). Replaced here, for this field
alone, and checked against modelsearch 1.x by `tests/test_search.py`:

- `ElasticsearchBaseMapping.get_field_mapping` and `_get_document_field_data`
- `ElasticsearchBaseSearchQueryCompiler._process_lookup`
- `facet` of the results on Elasticsearch, on PostgreSQL and of the fallback
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import connection
from django.db.models import Func, Value
from django.db.models.sql import Query
from modelsearch.backends.base import FilterError
from modelsearch.backends.database.fallback import DatabaseSearchResults
from modelsearch.backends.elasticsearchbase import (
    ElasticsearchBaseMapping,
    ElasticsearchBaseSearchQueryCompiler,
    ElasticsearchBaseSearchResults,
)
from modelsearch.index import FilterField

from choice_array_field.column.fields import ChoiceArrayField
from choice_array_field.partners.facets import count_members, most_first
from choice_array_field.partners.replacing import replace
from choice_array_field.partners.search import (
    MAPPING,
    condition,
    document,
    facets,
    read_facets,
)

__all__ = ["install"]


def install() -> None:
    """Put everything in place; a second call changes nothing."""
    for owner, name, replacement in _REPLACEMENTS:
        replace(owner, name, replacement)
    if connection.vendor == "postgresql":  # Elsewhere the module cannot be imported.
        from modelsearch.backends.database.postgres.postgres import (
            PostgresSearchResults,
        )

        replace(PostgresSearchResults, "facet", _facet_in_postgresql)


def _field(entry: Any, model: Any) -> ChoiceArrayField[Any, Any] | None:
    """Return the field that an entry of `search_fields` filters, if it is ours."""
    if not isinstance(entry, FilterField):
        return None
    try:
        field = entry.get_field(model)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, ChoiceArrayField) else None


def _get_field_mapping(original: Any, mapping: Any, entry: Any) -> Any:
    if _field(entry, mapping.model) is None:
        return original(mapping, entry)
    return mapping.get_field_column_name(entry), MAPPING


def _get_document_field_data(original: Any, mapping: Any, entry: Any, obj: Any) -> Any:
    field = _field(entry, mapping.model)
    if field is None:
        return original(mapping, entry, obj)
    value = field.value_from_object(obj)
    return mapping.get_field_column_name(entry), document(value), []


def _process_lookup(
    original: Any,
    compiler: Any,
    field_path: Any,
    lookup: str,
    value: Any,
    mapping: Any = None,
    column_name_prefix: str = "",
) -> Any:
    mapping = mapping or compiler.mapping
    field = _field(field_path[0], mapping.model)
    if field is None:
        return original(
            compiler, field_path, lookup, value, mapping, column_name_prefix
        )
    column = column_name_prefix + mapping.get_field_column_name(field_path[0])
    return condition(column, lookup, _plain(field, lookup, value, compiler))


def _plain(field: Any, lookup: str, value: Any, compiler: Any) -> Any:
    """Return the members that the right side of a lookup stands for."""
    if lookup == "isnull":
        return value
    if lookup == "in":
        rows = _rows(value, compiler.queryset.db)
        return [field.choice_set.canonical(_members(each)) for each in rows]
    return field.choice_set.canonical(_members(value))


def _rows(value: Any, alias: str) -> list[Any]:
    if isinstance(value, Query):
        return [row[0] for row in value.get_compiler(alias).results_iter()]
    return list(value)


def _members(value: Any) -> list[Any]:
    """Return the members of an array that a lookup has prepared for SQL."""
    if isinstance(value, Func) and value.extra.get("function") == "ARRAY":
        value = value.get_source_expressions()
    elif hasattr(value, "resolve_expression"):
        message = f"A search cannot compare with {value!r}; give a list of members."
        raise FilterError(message)
    return [_member(each) for each in value]


def _member(value: Any) -> Any:
    if isinstance(value, Value):
        return value.value
    if hasattr(value, "resolve_expression"):
        message = f"A search cannot compare with {value!r}; give a member."
        raise FilterError(message)
    return value


def _facet_field(results: Any, name: str) -> tuple[Any, Any]:
    compiler = results.query_compiler
    entry = compiler._get_filterable_field(name)
    return entry, _field(entry, compiler.queryset.model)


def _facet_in_elasticsearch(original: Any, results: Any, field_name: str) -> Any:
    entry, field = _facet_field(results, field_name)
    if field is None:
        return original(results, field_name)
    compiler, backend = results.query_compiler, results.backend
    column = compiler.mapping.get_field_column_name(entry)
    response = results._backend_do_search(
        {**results._get_es_body(for_count=True), "aggregations": facets(column)},
        index=backend.get_index_for_model(compiler.queryset.model).name,
        size=0,
    )
    counts = read_facets(response["aggregations"])
    # Text is what the index has; members of other types are read from it.
    return most_first(
        {
            text if text is None else field.canonical([text])[0]: count
            for text, count in counts.items()
        },
        field,
    )


def _facet_in_postgresql(original: Any, results: Any, field_name: str) -> Any:
    _, field = _facet_field(results, field_name)
    if field is None:
        return original(results, field_name)
    compiler, backend = results.query_compiler, results.backend
    found = compiler.search(compiler.get_config(backend), None, None, backend=backend)
    return most_first(count_members(found, field_name, field), field)


def _facet_in_fallback(original: Any, results: Any, field_name: str) -> Any:
    _, field = _facet_field(results, field_name)
    if field is None:
        return original(results, field_name)
    return most_first(count_members(results.get_queryset(), field_name, field), field)


_REPLACEMENTS: list[tuple[Any, str, Any]] = [
    (ElasticsearchBaseMapping, "get_field_mapping", _get_field_mapping),
    (ElasticsearchBaseMapping, "_get_document_field_data", _get_document_field_data),
    (ElasticsearchBaseSearchQueryCompiler, "_process_lookup", _process_lookup),
    (ElasticsearchBaseSearchResults, "facet", _facet_in_elasticsearch),
    (DatabaseSearchResults, "facet", _facet_in_fallback),
]
