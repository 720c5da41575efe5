"""Conditions and order of a query set as a query of Elasticsearch, with SQL's meaning.

What has no equal meaning is refused when the query is made, by the name of its field and
lookup, and never by the server.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Subquery
from django.db.models.functions import Extract
from django.db.models.lookups import Lookup
from django.db.models.sql import Query
from modelsearch.backends.base import FilterError
from modelsearch.index import RelatedFields

from wagtail_derived_fields.declare.fields import DerivedField
from wagtail_derived_fields.search.codecs import LONG_MAX, LONG_MIN, Codec, find_codec

__all__ = ["ElasticsearchConditions", "SharedConditions", "find_derived_codec"]

MATCHES: dict[str, Any] = {
    "none": {"bool": {"must_not": {"match_all": {}}}},
    "all": {"match_all": {}},
}
INTEGER_RANGE = -(2**31), 2**31 - 1
ORDERINGS = ("gt", "gte", "lt", "lte")
PK_NUMBER = "_pk_number"


@cache
def find_derived_codec(search_field: Any, model: Any) -> Codec | None:
    """Return the codec of a search field if it is of a derived field.

    A type that the user has given (`type=`, `es_extra=`) goes before ours.
    """
    if "type" in search_field.kwargs or "type" in search_field.kwargs.get(
        "es_extra", {}
    ):
        return None
    field = _model_field(search_field, model)
    return find_codec(field) if isinstance(field, DerivedField) else None


def _model_field(search_field: Any, model: Any) -> Any:
    try:
        return search_field.get_field(model)
    except Exception:  # noqa: BLE001 - a callable of the model, which is no field
        return None


class SharedConditions:
    """What every back end refuses, mixed into a query compiler of modelsearch."""

    queryset: Any
    order_by_relevance: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queryset = self._make_order_total(self.queryset)

    def _make_order_total(self, queryset: Any) -> Any:
        """Add Meta.ordering, and the primary key as the last criterion."""
        if self.order_by_relevance:
            return queryset
        query = queryset.query
        order = list(query.order_by)
        if not order and query.default_ordering:
            order = list(queryset.model._meta.ordering)
            if not all(self._can_order_by(item) for item in order):
                order = []
        pk = queryset.model._meta.pk
        names = {str(item).lstrip("-") for item in order}
        if not order or names & {"pk", "id", pk.name, pk.attname}:
            return queryset.order_by(*order) if order else queryset
        return queryset.order_by(*order, "pk")

    def _can_order_by(self, item: Any) -> bool:
        return isinstance(item, str) and bool(
            self._get_filterable_field(item.lstrip("-"))  # type: ignore[attr-defined]
        )

    def _get_order_by(self) -> Iterable[tuple[bool, Any]]:
        """Leave out the primary key that was added: it needs no FilterField."""
        queryset = self.queryset
        order = queryset.query.order_by
        if not self.order_by_relevance and order and order[-1] == "pk":
            self.queryset = queryset.order_by(*order[:-1])
        try:
            yield from super()._get_order_by()  # type: ignore[misc]
        finally:
            self.queryset = queryset

    def _get_filters_from_where_node(
        self, where_node: Any, check_only: bool = False
    ) -> Any:
        if isinstance(where_node, Lookup):
            left = where_node.lhs
            column = left.lhs if isinstance(left, Extract) else left
            if not hasattr(column, "target") or not hasattr(column, "alias"):
                message = (
                    f"Cannot filter search results with {type(left).__name__}"
                    f" ({where_node.lookup_name}); declare it as a DerivedField"
                )
                raise FilterError(message)
        return super()._get_filters_from_where_node(  # type: ignore[misc]
            where_node, check_only=check_only
        )

    def _get_filter_field_path_for_column(self, column: Any) -> Any:
        path = super()._get_filter_field_path_for_column(column)  # type: ignore[misc]
        model = self.queryset.model
        for step in path:
            if isinstance(step, RelatedFields):
                field = step.get_field(model)
                if field.many_to_many or field.one_to_many:
                    message = (
                        "Cannot filter search results across the relation to many"
                        f" {step.field_name!r} ({column.target.name}): SQL and the index"
                        " count its rows differently; declare the condition as a"
                        " DerivedField"
                    )
                    raise FilterError(message)
                model = field.related_model
        return path


class ElasticsearchConditions(SharedConditions):
    """The compiler of conditions and order for Elasticsearch and OpenSearch."""

    mapping: Any

    def check(self) -> None:
        """Compile everything now, so that nothing is refused by the server later."""
        super().check()  # type: ignore[misc]
        self._get_filters_from_queryset()  # type: ignore[attr-defined]
        list(self._get_order_by())

    def _process_filter(
        self, column: Any, lookup: str, value: Any, check_only: bool = False
    ) -> Any:
        values = value if isinstance(value, (list, tuple)) else [value]
        if any(getattr(each, "contains_column_references", False) for each in values):
            message = (
                f"Cannot filter search results with {column.target.name}__{lookup}: the"
                " index compares with values, not with other fields; declare the"
                " comparison as a DerivedField"
            )
            raise FilterError(message)
        return super()._process_filter(  # type: ignore[misc]
            column, lookup, value, check_only=check_only
        )

    def _process_lookup(
        self,
        field_path: list[Any],
        lookup: str,
        value: Any,
        mapping: Any = None,
        column_name_prefix: str = "",
    ) -> Any:
        mapping = mapping or self.mapping
        field = field_path[0]
        arguments = {"mapping": mapping, "column_name_prefix": column_name_prefix}
        if isinstance(field, RelatedFields):
            # A row without the relation has no nested document at all.
            if lookup == "isnull" and value:
                found = super()._process_lookup(field_path, lookup, False, **arguments)  # type: ignore[misc]
                return {"bool": {"must_not": found}}
            return super()._process_lookup(field_path, lookup, value, **arguments)  # type: ignore[misc]
        kind = mapping.get_field_mapping(field)[1]["type"]
        codec = find_derived_codec(field, mapping.model)
        lookup, value = _encode_condition(lookup, value, codec)
        if kind in ("integer", "long"):
            model_field = _model_field(field, mapping.model)
            lookup, value = _fit_integer(kind, model_field, lookup, value)
        if lookup in MATCHES:
            return MATCHES[lookup]
        return super()._process_lookup(field_path, lookup, value, **arguments)  # type: ignore[misc]

    def get_sort(self) -> Any:
        """Return the order, with NULL as the largest value, as PostgreSQL has it."""
        if self.order_by_relevance:
            return None
        sort: list[Any] = []
        for reverse, field in self._get_order_by():
            name = self.mapping.get_field_column_name(field)
            sort.append(
                {
                    name: {
                        "order": "desc" if reverse else "asc",
                        "missing": "_first" if reverse else "_last",
                    }
                }
            )
        direction = "asc" if sort else "desc"
        return [*sort, {self.mapping.pk_order_column: direction}]


def _encode_condition(lookup: str, value: Any, codec: Codec | None) -> tuple[str, Any]:
    """Return lookup and value as the index holds them; `in` loses NULL, as in SQL."""
    if isinstance(value, (Query, Subquery)) or lookup == "isnull":
        return lookup, value
    encode = codec.encode if codec else (lambda item: item)
    if lookup == "in":
        known = [encode(item) for item in value if item is not None]
        return ("in", known) if known else ("none", None)
    if lookup == "range":
        return lookup, tuple(encode(item) for item in value)
    if lookup in ("exact", *ORDERINGS):
        return lookup, encode(value)
    return lookup, value


def _fit_integer(kind: str, field: Any, lookup: str, value: Any) -> tuple[str, Any]:
    """Decide what the server would refuse: a number beyond the integers of the field.

    Django decides the same for SQL, by the range of the column: such a comparison holds
    for all rows, those with NULL included, or for none.
    """
    if lookup in ("exact", *ORDERINGS) and isinstance(value, int):
        low, high = _integer_range(field)
        if low <= value <= high:
            return lookup, value
        is_above = value > high
        holds = lookup in (("lt", "lte") if is_above else ("gt", "gte"))
        return ("all" if holds else "none"), None
    low, high = (LONG_MIN, LONG_MAX) if kind == "long" else INTEGER_RANGE
    if lookup == "in" and isinstance(value, list):
        known = [item for item in value if low <= item <= high]
        return ("in", known) if known else ("none", None)
    if lookup == "range":
        lower, upper = value
        if lower > high or upper < low:
            return "none", None
        return lookup, (max(lower, low), min(upper, high))
    return lookup, value


def _integer_range(field: Any) -> tuple[int, int]:
    """Return the least and the greatest number that Django compares a field with."""
    kind = field.get_internal_type() if field is not None else ""
    try:
        ends: Any = connection.ops.integer_field_range(kind)
    except KeyError:
        return LONG_MIN, LONG_MAX
    low, high = ends
    # SQLite's numbers have no ends.
    return (LONG_MIN if low is None else low), (LONG_MAX if high is None else high)
