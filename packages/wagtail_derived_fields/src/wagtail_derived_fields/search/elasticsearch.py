"""BACKEND for Elasticsearch 8 and 9, whichever the installed client is for.

The names of modelsearch that are not documented stand in the modules of this room;
tests/search calls each of them on every supported version.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import elasticsearch

from wagtail_derived_fields.search.conditions import ElasticsearchConditions
from wagtail_derived_fields.search.documents import (
    DocumentMapping,
    FillingIndex,
    WatchedIndex,
)
from wagtail_derived_fields.search.outage import Interruptible, SearchServer
from wagtail_derived_fields.search.rebuild import Rebuilder
from wagtail_derived_fields.search.results import ElasticsearchResults

__all__ = ["ElasticsearchSearchBackend", "SearchBackend"]

_MAJOR = elasticsearch.VERSION[0]
_stock: Any = import_module(f"modelsearch.backends.elasticsearch{_MAJOR}")


def _base(name: str) -> Any:
    return getattr(_stock, f"Elasticsearch{_MAJOR}{name}")


_StockMapping: Any = _base("Mapping")
_StockIndex: Any = _base("Index")
_StockCompiler: Any = _base("SearchQueryCompiler")
_StockAutocomplete: Any = _base("AutocompleteQueryCompiler")
_StockResults: Any = _base("SearchResults")
_StockBackend: Any = _base("SearchBackend")


class Mapping(DocumentMapping, _StockMapping):  # type: ignore[misc]
    """modelsearch's mapping, with derived values."""


class Index(WatchedIndex, _StockIndex):  # type: ignore[misc]
    """modelsearch's index, watched by rebuilds."""


class NewIndex(FillingIndex, _StockIndex):  # type: ignore[misc]
    """The index of a rebuild."""


class QueryCompiler(ElasticsearchConditions, _StockCompiler):  # type: ignore[misc]
    """modelsearch's compiler, with the meaning of SQL."""

    mapping_class = Mapping


class AutocompleteQueryCompiler(ElasticsearchConditions, _StockAutocomplete):  # type: ignore[misc]
    """The same for autocomplete."""

    mapping_class = Mapping


class Results(Interruptible, ElasticsearchResults, _StockResults):  # type: ignore[misc]
    """modelsearch's results, with all facets and pages, and a word about outages."""


class ElasticsearchSearchBackend(SearchServer, _StockBackend):  # type: ignore[misc]
    """Search with Elasticsearch that gives the answers of the ORM."""

    unreachable = (elasticsearch.ConnectionError, elasticsearch.ConnectionTimeout)
    refused = elasticsearch.ApiError
    mapping_class = Mapping
    index_class = Index
    filling_index_class = NewIndex
    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler
    results_class = Results
    atomic_rebuilder_class = Rebuilder


SearchBackend = ElasticsearchSearchBackend
