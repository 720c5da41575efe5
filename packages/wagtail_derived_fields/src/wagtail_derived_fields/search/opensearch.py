"""BACKEND for OpenSearch 2 and 3, whichever the installed client is for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import opensearchpy

from wagtail_derived_fields.search.conditions import ElasticsearchConditions
from wagtail_derived_fields.search.documents import (
    DocumentMapping,
    FillingIndex,
    WatchedIndex,
)
from wagtail_derived_fields.search.outage import Interruptible, SearchServer
from wagtail_derived_fields.search.rebuild import Rebuilder
from wagtail_derived_fields.search.results import ElasticsearchResults

__all__ = ["OpenSearchSearchBackend", "SearchBackend"]

_MAJOR = min(opensearchpy.VERSION[0], 3)
_stock: Any = import_module(f"modelsearch.backends.opensearch{_MAJOR}")


def _base(name: str) -> Any:
    return getattr(_stock, f"OpenSearch{_MAJOR}{name}")


_StockMapping: Any = _base("Mapping")
_StockIndex: Any = _base("Index")
_StockCompiler: Any = _base("SearchQueryCompiler")
_StockAutocomplete: Any = _base("AutocompleteQueryCompiler")
_StockResults: Any = _base("SearchResults")
_StockBackend: Any = _base("SearchBackend")


class Mapping(DocumentMapping, _StockMapping):  # type: ignore[misc]
    """modelsearch's mapping, with derived values."""


class _Requests:
    """The requests whose form differs from those of Elasticsearch's client."""

    es: Any

    def _request_bulk(self, operations: list[Any]) -> Any:
        return self.es.bulk(body=operations)


class Index(_Requests, WatchedIndex, _StockIndex):  # type: ignore[misc]
    """modelsearch's index, watched by rebuilds."""


class NewIndex(_Requests, FillingIndex, _StockIndex):  # type: ignore[misc]
    """The index of a rebuild."""


class QueryCompiler(ElasticsearchConditions, _StockCompiler):  # type: ignore[misc]
    """modelsearch's compiler, with the meaning of SQL."""

    mapping_class = Mapping


class AutocompleteQueryCompiler(ElasticsearchConditions, _StockAutocomplete):  # type: ignore[misc]
    """The same for autocomplete."""

    mapping_class = Mapping


class Results(Interruptible, ElasticsearchResults, _StockResults):  # type: ignore[misc]
    """modelsearch's results, with all facets and pages, and a word about outages."""


class OpenSearchRebuilder(Rebuilder):
    """The rebuilder, in the form of OpenSearch's client."""

    def _update_aliases(self, actions: list[Any]) -> None:
        self._indices.update_aliases(body={"actions": actions})

    def _find_marks(self, query: dict[str, Any]) -> Any:
        return self.index.es.search(index=self.index.name, body=query)


class OpenSearchSearchBackend(SearchServer, _StockBackend):  # type: ignore[misc]
    """Search with OpenSearch that gives the answers of the ORM."""

    unreachable = (opensearchpy.ConnectionError,)
    refused = opensearchpy.TransportError
    mapping_class = Mapping
    index_class = Index
    filling_index_class = NewIndex
    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler
    results_class = Results
    atomic_rebuilder_class = OpenSearchRebuilder


SearchBackend = OpenSearchSearchBackend
