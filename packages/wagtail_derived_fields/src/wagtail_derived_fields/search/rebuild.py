"""Rebuild an index without losing, hiding or doubling anything meanwhile.

`update_index` and `rebuild_modelsearch_index` call `start`, fill the index that it
returns, and call `finish`. While the index is filled it has the alias that WatchedIndex
writes to; at the end both aliases change in one request.
"""

from __future__ import annotations

from typing import Any

from django.utils.crypto import get_random_string
from modelsearch.index import get_indexed_models

from wagtail_derived_fields.exceptions import RebuildError
from wagtail_derived_fields.search.documents import DELETED, building_alias

__all__ = ["Rebuilder"]

PAGE = 1_000


class Rebuilder:
    """Builds a new index beside the one in use, and takes its place at the end.

    A second rebuild takes over: the first one then ends with an error and changes
    nothing. So a rebuild that was killed does not stand in the way.

    Args:
        index: the index in use, whose name is or becomes an alias.
    """

    def __init__(self, index: Any) -> None:
        self.alias = index
        name = f"{index.name}_{get_random_string(7).lower()}"
        self.index = index.backend.filling_index_class(index.backend, name)
        self._indices = index.es.indices

    def start(self) -> Any:
        """Make the new index, and let every process write to it; return it."""
        building = building_alias(self.alias.name)
        stale = self._find(building)
        self.index.put()
        self._put_mappings()  # before the first change arrives, which would guess them
        self._indices.put_alias(index=self.index.name, name=building)
        for name in stale:
            self._indices.delete(index=name)
        return self.index

    def finish(self) -> None:
        """Put the new index in the place of the old one, in one request.

        Raises:
            RebuildError: another rebuild has taken over.
        """
        building = building_alias(self.alias.name)
        if self._find(building) != [self.index.name]:
            message = f"{self.alias.name}: another rebuild has begun meanwhile"
            raise RebuildError(message)
        self._remove_marks()
        remove = [
            {"remove_index": {"index": name}} for name in self._find(self.alias.name)
        ]
        self._update_aliases(
            [
                *remove,
                {"add": {"index": self.index.name, "alias": self.alias.name}},
                {"remove": {"index": self.index.name, "alias": building}},
            ]
        )
        self._remove_marks()

    def _put_mappings(self) -> None:
        for model in get_indexed_models():
            if self.index.backend.get_index_for_model(model).name == self.alias.name:
                self.index.add_model(model)

    def _update_aliases(self, actions: list[Any]) -> None:
        self._indices.update_aliases(actions=actions)

    def _find(self, name: str) -> list[str]:
        """Return the indices behind an alias, the index of that name, or nothing."""
        if self._indices.exists_alias(name=name):
            return list(self._indices.get_alias(name=name))
        return [name] if self._indices.exists(index=name) else []

    def _find_marks(self, query: dict[str, Any]) -> Any:
        options = {name.lstrip("_"): value for name, value in query.items()}
        return self.index.es.search(index=self.index.name, **options)

    def _remove_marks(self) -> None:
        """Delete the marks of deletions, which nothing needs any more."""
        self.index.refresh()
        query = {"query": {"term": {DELETED: True}}, "size": PAGE, "_source": False}
        while True:
            marks = self._find_marks(query)["hits"]["hits"]
            if not marks:
                return
            self.index._send(
                [
                    {"delete": {"_index": self.index.name, "_id": mark["_id"]}}
                    for mark in marks
                ]
            )
            self.index.refresh()
