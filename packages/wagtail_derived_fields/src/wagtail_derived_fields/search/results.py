"""Facets and pages of Elasticsearch, as the database gives them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.core.exceptions import FieldDoesNotExist

from wagtail_derived_fields.search.codecs import find_codec, find_decoder
from wagtail_derived_fields.search.conditions import find_derived_codec

__all__ = ["ElasticsearchResults", "order_facet"]

MAX_BUCKETS = 65_535  # the most that Elasticsearch gives by default
WINDOW = 10_000  # the last row that it gives by offset
PAGE = 1_000


class ElasticsearchResults:
    """Results that count every value, and go on after the ten thousandth row."""

    query_compiler: Any
    backend: Any
    start: int
    stop: int | None

    def facet(self, field_name: str) -> OrderedDict[Any, int]:
        """Return the number of results for each value, None included, most first.

        Kinds of fields that the codecs do not know are left to modelsearch.
        """
        field = self.query_compiler._get_filterable_field(field_name)
        decode = self._find_decoder(field) if field else None
        if decode is None:
            found: OrderedDict[Any, int] = super().facet(field_name)  # type: ignore[misc]
            return found
        column = self.query_compiler.mapping.get_field_column_name(field)
        body = self._get_es_body(for_count=True)  # type: ignore[attr-defined]
        body["aggregations"] = {
            "values": {"terms": {"field": column, "size": MAX_BUCKETS}},
            "missing": {"missing": {"field": column}},
        }
        response = self._backend_do_search(body, index=self._index_name, size=0)  # type: ignore[attr-defined]
        values, missing = (
            response["aggregations"][key] for key in ("values", "missing")
        )
        counts = [
            (decode(item["key"]), item["doc_count"]) for item in values["buckets"]
        ]
        if missing["doc_count"]:
            counts.append((None, missing["doc_count"]))
        return order_facet(counts)

    def _find_decoder(self, search_field: Any) -> Callable[[Any], Any] | None:
        model = self.query_compiler.queryset.model
        codec = find_derived_codec(search_field, model)
        if codec:
            return codec.decode
        try:
            field = search_field.get_field(model)
        except FieldDoesNotExist:
            return None
        return find_decoder(field) if find_codec(field) else None

    @property
    def _index_name(self) -> str:
        model = self.query_compiler.queryset.model
        name: str = self.backend.get_index_for_model(model).name
        return name

    def _do_search(self) -> Iterator[Any]:
        """Yield the instances from `start` to `stop`, however far these are."""
        body = {
            **self._get_es_body(),  # type: ignore[attr-defined]
            "_source": False,
            self.fields_param_name: ["pk"],  # type: ignore[attr-defined]
        }
        if self.stop is not None and self.stop <= WINDOW:
            size = self.stop - self.start
            pages: Iterable[list[Any]] = (
                [self._read_page(body, size)] if size > 0 else []
            )
        else:
            pages = self._read_scroll(body)
        for hits in pages:
            yield from self._get_results_from_hits(hits)  # type: ignore[attr-defined]

    def _read_page(self, body: dict[str, Any], size: int) -> list[Any]:
        page = self._backend_do_search(  # type: ignore[attr-defined]
            body, index=self._index_name, from_=self.start, size=size
        )
        hits: list[Any] = page["hits"]["hits"]
        return hits

    def _read_scroll(self, body: dict[str, Any]) -> Iterator[list[Any]]:
        """Yield pages of hits; what comes before `start` is passed over unread."""
        client = self.backend.es
        page = self._backend_do_search(  # type: ignore[attr-defined]
            body, index=self._index_name, scroll="2m", size=PAGE
        )
        position = 0
        try:
            while hits := page["hits"]["hits"]:
                first = max(self.start - position, 0)
                last = None if self.stop is None else max(self.stop - position, 0)
                if hits[first:last]:
                    yield hits[first:last]
                position += len(hits)
                if self.stop is not None and position >= self.stop:
                    return
                page = client.scroll(scroll_id=page["_scroll_id"], scroll="2m")
        finally:
            client.clear_scroll(scroll_id=page["_scroll_id"])


def order_facet(counts: Iterable[tuple[Any, int]]) -> OrderedDict[Any, int]:
    """Return counts by value: most first, equal ones by value, None last of these."""

    def key(item: tuple[Any, int]) -> Any:
        value, count = item
        return -count, value is None, 0 if value is None else value

    return OrderedDict(sorted(counts, key=key))
