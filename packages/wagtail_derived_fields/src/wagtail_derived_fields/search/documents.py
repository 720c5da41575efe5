"""Documents with derived values: those of a batch are read with one query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from django.db import models
from modelsearch.index import FilterField, class_is_indexed

from wagtail_derived_fields.declare.fields import PRIMED, DerivedField
from wagtail_derived_fields.exceptions import IndexingError
from wagtail_derived_fields.search.conditions import PK_NUMBER, find_derived_codec

__all__ = [
    "DELETED",
    "DocumentMapping",
    "FillingIndex",
    "WatchedIndex",
    "building_alias",
]

DELETED = "_deleted_during_rebuild"
CONFLICT = 409
NOT_FOUND = 404


class DocumentMapping:
    """The mapping of a model, mixed into one of modelsearch's."""

    model: Any

    @property
    def pk_order_column(self) -> str:
        """Name the column that orders by primary key as the database does."""
        return PK_NUMBER if self._has_number else "pk"

    @cached_property
    def _has_number(self) -> bool:
        pk = self.model._meta.pk
        while isinstance(pk, models.ForeignKey):
            pk = pk.target_field
        return isinstance(pk, models.IntegerField)

    def get_field_mapping(self, field: Any) -> Any:
        """Map a derived value to the type of its codec."""
        name, mapping = super().get_field_mapping(field)  # type: ignore[misc]
        if isinstance(field, FilterField):
            codec = find_derived_codec(field, self.model)
            if codec:
                mapping["type"] = codec.type
        return name, mapping

    def get_mapping(self) -> Any:
        """Add a number to order by, and the mark of a deletion during a rebuild."""
        mapping = super().get_mapping()  # type: ignore[misc]
        mapping["properties"][PK_NUMBER] = {"type": "long"}
        mapping["properties"][DELETED] = {"type": "boolean"}
        return mapping

    def get_document(self, obj: Any) -> Any:
        """Add the number to order by."""
        document = super().get_document(obj)  # type: ignore[misc]
        if self._has_number:
            document[PK_NUMBER] = obj.pk
        return document

    def _get_document_field_data(self, field: Any, obj: Any) -> Any:
        name, value, edgengrams = super()._get_document_field_data(field, obj)  # type: ignore[misc]
        if isinstance(field, FilterField) and value is not None:
            codec = find_derived_codec(field, self.model)
            if codec:
                value = codec.encode(value)
        return name, value, edgengrams


class WatchedIndex:
    """An index whose changes also reach the one that a rebuild is filling.

    A rebuild gives its index a second alias, which tells every process of it. A change is
    one bulk request: for the index in use, and for that alias, which is an error of its
    own while there is no rebuild. A deletion leaves a mark there, so that the rebuild,
    which only creates what is not there yet, puts nothing older in its place.
    """

    name: str
    es: Any
    mapping_class: Any

    def add_item(self, item: Any) -> None:
        """Index one instance."""
        self.add_items(item.__class__, [item])

    def add_items(self, model: Any, items: Iterable[Any]) -> None:
        """Index instances; one query reads the derived values that need one."""
        if not class_is_indexed(model):
            return
        operations: list[Any] = []
        for identifier, document in self._make_documents(model, list(items)):
            operations += self._render_write(identifier, document)
        self._send(operations)

    def delete_item(self, item: Any) -> None:
        """Delete an instance, and mark it as deleted in the index of a rebuild."""
        if not class_is_indexed(item.__class__):
            return
        identifier = self.mapping_class(item.__class__).get_document_id(item)
        delete = {"delete": {"_index": self.name, "_id": identifier}}
        self._send([delete, self._building_action(identifier), {DELETED: True}])

    def _make_documents(
        self, model: Any, items: list[Any]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        prime_values(model, items)
        mapping = self.mapping_class(model)
        for item in items:
            yield mapping.get_document_id(item), mapping.get_document(item)

    def _render_write(self, identifier: str, document: dict[str, Any]) -> list[Any]:
        write = {"index": {"_index": self.name, "_id": identifier}}
        return [write, document, self._building_action(identifier), document]

    def _building_action(self, identifier: str) -> dict[str, Any]:
        alias = building_alias(self.name)
        return {"index": {"_index": alias, "_id": identifier, "require_alias": True}}

    def _send(self, operations: list[Any]) -> None:
        """Send one bulk request.

        Raises:
            IndexingError: the server refused a document of the index in use.
        """
        if not operations:
            return
        for item in self._request_bulk(operations)["items"]:
            [outcome] = item.values()
            if "error" not in outcome:
                self._note_success(outcome)
            elif not self._is_expected(outcome):
                message = f"{outcome['_index']}: {outcome['error'].get('reason')}"
                raise IndexingError(message)

    def _note_success(self, outcome: dict[str, Any]) -> None:
        """Do nothing: only a rebuild keeps account."""

    def _is_expected(self, outcome: dict[str, Any]) -> bool:
        """Tell whether an error says that there is no rebuild now."""
        is_missing: bool = outcome["status"] == NOT_FOUND
        return is_missing and outcome["_index"] == building_alias(self.name)

    def _request_bulk(self, operations: list[Any]) -> Any:
        return self.es.bulk(operations=operations)


class FillingIndex(WatchedIndex):
    """The index of a rebuild: a change that has reached it is newer, and stays.

    A document is written twice if a model and its child share the index; the second one
    takes the place of the first, unless a change has come in between.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._versions: dict[str, tuple[int, int]] = {}

    def _render_write(self, identifier: str, document: dict[str, Any]) -> list[Any]:
        place = {"_index": self.name, "_id": identifier}
        if identifier not in self._versions:
            return [{"create": place}, document]
        number, term = self._versions[identifier]
        condition = {"if_seq_no": number, "if_primary_term": term}
        return [{"index": {**place, **condition}}, document]

    def _note_success(self, outcome: dict[str, Any]) -> None:
        if "_seq_no" in outcome:
            self._versions[outcome["_id"]] = (
                outcome["_seq_no"],
                outcome["_primary_term"],
            )

    def _is_expected(self, outcome: dict[str, Any]) -> bool:
        conflicts: bool = outcome["status"] == CONFLICT
        return conflicts


def building_alias(name: str) -> str:
    """Return the alias of the index that a rebuild of `name` is filling."""
    return f"{name}__building"


def prime_values(model: Any, items: list[Any]) -> None:
    """Read the derived values of instances that take a query, with one for all."""
    names = [
        field.name
        for search_field in model.get_filterable_search_fields()
        if isinstance(field := _field_of(search_field, model), DerivedField)
        and field.is_queried
    ]
    if not names or not items:
        return
    rows = model._base_manager.using(items[0]._state.db)
    keys = [item.pk for item in items]
    found = {
        key: dict(zip(names, values, strict=True))
        for key, *values in rows.filter(pk__in=keys).values_list("pk", *names)
    }
    for item in items:
        item.__dict__[PRIMED] = found.get(item.pk, dict.fromkeys(names))


def _field_of(search_field: Any, model: Any) -> Any:
    try:
        return search_field.get_field(model)
    except Exception:  # noqa: BLE001 - a callable of the model, which is no field
        return None
