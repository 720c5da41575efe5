"""Wagtail's reference index and search indexes, brought up to date in bulk."""

from __future__ import annotations

import copy
import functools
import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from modelsearch.backends import get_search_backends_with_name
from modelsearch.index import class_is_indexed
from wagtail.models import ReferenceIndex

from wagtailimporter.write.internals import (
    BATCH,
    Model,
    Reference,
    base_content_type,
    in_batches,
    path_hash,
    references_of,
)
from wagtailimporter.write.relations import by_model

__all__ = ["index_references", "index_search"]

logger = logging.getLogger(__name__)
SEARCH_BATCH = 200


def index_references(instances: Sequence[Model], created: set[int]) -> None:
    """Store what objects refer to; `created` holds the ids of those that are new."""
    for model, group in by_model(instances).items():
        if ReferenceIndex.is_indexed(model):
            _index_references(model, group, created)


def _index_references(model: Model, group: list[Model], created: set[int]) -> None:
    base, own = base_content_type(model), _content_type(model)
    known = {own.pk, base.pk} | {
        _content_type(parent).pk for parent in model._meta.get_parent_list()
    }
    stored = _stored_references(base, [i for i in group if id(i) not in created])
    new, gone = [], []
    for instance in group:
        wanted, has = references_of(instance), stored[str(instance.pk)]
        new += [
            _row(own, base, instance, reference)
            for reference in sorted(wanted)
            if reference not in has
        ]
        gone += [
            key
            for reference, (type_id, key) in has.items()
            if reference not in wanted and type_id in known
        ]
    ReferenceIndex.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)
    if gone:
        ReferenceIndex.objects.filter(pk__in=gone).delete()


def _content_type(model: Model) -> ContentType:
    return ContentType.objects.get_for_model(model, for_concrete_model=False)


def _stored_references(
    base: ContentType, instances: list[Model]
) -> dict[str, dict[Reference, tuple[int, int]]]:
    found: dict[str, dict[Reference, tuple[int, int]]] = defaultdict(dict)
    keys = [str(instance.pk) for instance in instances]
    rows = ReferenceIndex.objects.filter(base_content_type=base, object_id__in=keys)
    if keys:
        for key, type_id, object_id, *reference in rows.values_list(
            "pk",
            "content_type_id",
            "object_id",
            "to_content_type_id",
            "to_object_id",
            "model_path",
            "content_path",
        ):
            found[object_id][tuple(reference)] = type_id, key
    return found


def _row(
    own: ContentType, base: ContentType, instance: Model, reference: Reference
) -> ReferenceIndex:
    type_id, key, model_path, content_path = reference
    return ReferenceIndex(
        content_type_id=own.pk,
        base_content_type_id=base.pk,
        object_id=instance.pk,
        to_content_type_id=type_id,
        to_object_id=key,
        model_path=model_path,
        content_path=content_path,
        content_path_hash=path_hash(content_path),
    )


def index_search(instances: Sequence[Model]) -> None:
    """Put objects into the search indexes that follow every change.

    An index in the database is written now, in the transaction of the objects; a
    server such as Elasticsearch hears of them after the commit.
    """
    for model, group in by_model(instances).items():
        if not (class_is_indexed(model) and getattr(model, "search_auto_update", True)):
            continue
        keys = [instance.pk for instance in group]
        indexed = model.get_indexed_objects().filter(pk__in=keys)
        wanted = set(indexed.order_by().values_list("pk", flat=True))
        objects = [instance for instance in group if instance.pk in wanted]
        for name, backend in get_search_backends_with_name(with_auto_update=True):
            add = functools.partial(_add_bulk, backend, name, model, objects)
            if backend.catch_indexing_errors:
                transaction.on_commit(add)
            else:
                add()


def _add_bulk(backend: Any, name: str, model: Model, objects: list[Model]) -> None:
    fields = _read_once(model)
    for batch in in_batches(objects, SEARCH_BATCH):
        for item in batch:
            item.get_search_fields = lambda: fields
        try:
            backend.add_bulk(model, batch)
        except Exception:
            if not backend.catch_indexing_errors:
                raise
            logger.exception(
                "%d objects are not in search index '%s'.", len(batch), name
            )
        finally:
            for item in batch:
                del item.get_search_fields


def _read_once(model: Model) -> list[Any]:
    """Return the search fields of a model, each of which remembers one object.

    The indexer of PostgreSQL reads every field five times, object by object.
    """
    fields = [copy.copy(field) for field in model.get_search_fields()]
    for field in fields:
        field.get_value = _remember(field.get_value)
    return fields


def _remember(get_value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    found: list[Any] = [None, None]

    def read(instance: Any) -> Any:
        if found[0] is not instance:
            found[:] = instance, get_value(instance)
        return found[1]

    return read
