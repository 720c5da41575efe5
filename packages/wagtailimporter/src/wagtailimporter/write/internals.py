"""Private names of Django, Wagtail and treebeard that bulk writing needs.

A contract test calls each of them with every supported version:
`QuerySet._batched_insert` since `bulk_create` refuses multi-table inheritance,
`Signal._live_receivers` to leave out the receivers whose work is done in bulk,
`ReferenceIndex._extract_references_from_object` and its kin, and treebeard's paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import connections, models, router
from django.db.models.constants import OnConflict
from django.dispatch import Signal
from wagtail.models import ReferenceIndex

__all__ = [
    "BATCH",
    "Model",
    "Reference",
    "allot_keys",
    "base_content_type",
    "child_path",
    "in_batches",
    "path_hash",
    "pretend_keys",
    "receivers",
    "references_of",
    "step_of",
    "upsert",
]

BATCH = 500

# Receivers that index one object each, which is done for all of them at once.
_INDEXING = (
    "modelsearch.signal_handlers",
    "wagtail.search.signal_handlers",
    "wagtail.signal_handlers",
)

Model = Any  # A Django model or one of its instances: their attributes are dynamic.
Reference = tuple[int, str, str, str]  # content type, key, model path, content path


def allot_keys(instances: Sequence[Model]) -> None:
    """Give unsaved instances of one root model their primary keys: one query."""
    without = [instance for instance in instances if instance.pk is None]
    if not without:
        return
    root = _root(type(without[0]))
    keys = _next_keys(root, len(without))
    for instance, key in zip(without, keys, strict=True):
        setattr(instance, root._meta.pk.attname, key)
        for level in _levels(type(instance))[1:]:
            setattr(instance, level._meta.pk.attname, key)


def _next_keys(root: Model, count: int) -> list[int]:
    connection = connections[router.db_for_write(root)]
    if connection.vendor != "postgresql":
        # SQLite has one writer at a time, and its sequence follows the keys given.
        last = root._base_manager.aggregate(last=models.Max("pk"))["last"] or 0
        return list(range(last + 1, last + count + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s))"
            " FROM generate_series(1, %s)",
            [f'"{root._meta.db_table}"', root._meta.pk.column, count],
        )
        return [key for (key,) in cursor.fetchall()]


def pretend_keys(instances: Sequence[Model]) -> None:
    """Give unsaved instances keys that no row has, for a run that writes nothing."""
    for number, instance in enumerate(instances, start=1):
        for level in _levels(type(instance)):
            setattr(instance, level._meta.pk.attname, -number)


def _root(model: Model) -> Model:
    return _levels(model)[0]


def _levels(model: Model) -> list[Model]:
    """Return the tables of a model, the root of its inheritance first."""
    concrete = model._meta.concrete_model
    return [*reversed(list(concrete._meta.all_parents)), concrete]


def upsert(model: Model, instances: Sequence[Model]) -> None:
    """Insert or update all rows of instances whose keys are known, level by level."""
    for level in _levels(model):
        options = level._meta
        fields = [f for f in options.local_concrete_fields if not f.generated]
        changing = [f for f in fields if not (f.primary_key or _is_set_once(f))]
        kept = [
            (i, f, getattr(i, f.attname))
            for i in instances
            for f in fields
            if _is_set_once(f) and not i._state.adding
        ]
        rows = level._base_manager.all()._batched_insert(
            list(instances),
            fields,
            BATCH,
            on_conflict=OnConflict.UPDATE if changing else OnConflict.IGNORE,
            update_fields=changing or None,
            unique_fields=[options.pk] if changing else None,
        )
        for instance, row in zip(instances, rows, strict=False):
            for field, value in zip(options.db_returning_fields, row, strict=True):
                if field != options.pk:
                    setattr(instance, field.attname, value)
        for instance, field, value in kept:
            setattr(instance, field.attname, value)
    for instance in instances:
        instance._state.adding = False
        instance._state.db = router.db_for_write(model)


def _is_set_once(field: Model) -> bool:
    return bool(getattr(field, "auto_now_add", False))


def receivers(signal: Signal, sender: Model) -> list[Callable[..., Any]]:
    """Return the receivers of a signal, those apart that only index.

    Raises:
        NotImplementedError: one of them is asynchronous.
    """
    if not signal.has_listeners(sender):
        return []
    found, asynchronous = signal._live_receivers(sender)
    if asynchronous:
        message = f"an async receiver of {sender._meta.label} cannot be called here."
        raise NotImplementedError(message)
    return [r for r in found if getattr(r, "__module__", "") not in _INDEXING]


def references_of(instance: Model) -> set[Reference]:
    """Return what an object refers to, as Wagtail's reference index stores it."""
    return set(ReferenceIndex._extract_references_from_object(instance))


def path_hash(content_path: str) -> UUID:
    """Return the hash that the index stores beside a path."""
    found: UUID = ReferenceIndex._get_content_path_hash(content_path)
    return found


def base_content_type(model: Model) -> ContentType:
    """Return the content type of the root of a model's inheritance."""
    found: ContentType = ReferenceIndex._get_base_content_type(model)
    return found


def child_path(parent: Model, step: int) -> str:
    """Return the path of the child at a position, from 1, below a node."""
    found: str = parent._get_path(parent.path, parent.depth + 1, step)
    return found


def step_of(model: Model, path: str) -> int:
    """Return the position, from 1, that a path says."""
    found: int = model._str2int(path[-model.steplen :])
    return found


def in_batches(items: Iterable[Any], size: int = BATCH) -> Iterator[list[Any]]:
    """Yield lists of up to `size` items."""
    rest = list(items)
    for start in range(0, len(rest), size):
        yield rest[start : start + size]
