"""BACKEND for the site's own database: facets and order as the other back ends give them."""

from __future__ import annotations

from collections import OrderedDict
from functools import cache
from typing import Any

from modelsearch.backends.database import SearchBackend as make_stock_backend

from wagtail_derived_fields.search.conditions import SharedConditions
from wagtail_derived_fields.search.results import order_facet

__all__ = ["SearchBackend"]


class DatabaseResults:
    """Facets in an order that does not depend on the database."""

    def facet(self, field_name: str) -> OrderedDict[Any, int]:
        """Return the number of results for each value, most first."""
        return order_facet(super().facet(field_name).items())  # type: ignore[misc]


def SearchBackend(params: dict[str, Any]) -> Any:
    """Return the back end of the default database, as modelsearch chooses it."""
    backend = make_stock_backend(params)
    backend.__class__ = _backend_class(backend.__class__)
    return backend


@cache
def _backend_class(stock: Any) -> Any:
    names = ["query_compiler_class", "autocomplete_query_compiler_class"]
    compilers = {
        name: _mix(SharedConditions, base)
        for name in names
        if (base := getattr(stock, name, None))
    }
    results = _mix(DatabaseResults, stock.results_class)
    return type(stock.__name__, (stock,), {**compilers, "results_class": results})


def _mix(ours: type, stock: type) -> type:
    return type(stock.__name__, (ours, stock), {})
