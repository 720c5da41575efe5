"""Index an instance again when rows that its derived values follow have changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.db.models.signals import (
    m2m_changed,
    post_delete,
    post_save,
    pre_delete,
    pre_save,
)
from modelsearch import index

from wagtail_derived_fields.declare.fields import derived_fields

__all__ = ["connect_signals", "related_models"]


def related_models(model: type[models.Model], path: str) -> list[type[models.Model]]:
    """Return the models that a path of relations leads through.

    Raises:
        FieldDoesNotExist: a part of it is not a relation.
    """
    found = []
    for part in path.split("__"):
        field = model._meta.get_field(part)
        related = field.related_model
        if related is None or isinstance(related, str):
            message = f"{model._meta.label}.{part} is not a relation"
            raise FieldDoesNotExist(message)
        model = related
        found.append(model)
    return found


def connect_signals() -> None:
    """Watch the models that indexed derived fields depend on."""
    for model in apps.get_models():
        if not index.class_is_indexed(model):
            continue
        for field in derived_fields(model):
            if field.model is not model:
                continue
            for path in field.depends_on:
                _watch(model, path)


def _watch(model: type[models.Model], path: str) -> None:
    parts = path.split("__")
    for depth, related in enumerate(related_models(model, path), 1):
        watcher = _Watcher(model, "__".join(parts[:depth]))
        key = f"{__name__}:{model._meta.label}:{watcher.path}"
        for signal, receiver in (
            (pre_save, watcher.note),
            (post_save, watcher.index_noted),
            (pre_delete, watcher.note),
            (post_delete, watcher.index_noted),
        ):
            signal.connect(receiver, sender=related, weak=False, dispatch_uid=key)
        through = _through_model(model, parts[:depth])
        if through is not None:
            m2m_changed.connect(
                watcher.index_members, sender=through, weak=False, dispatch_uid=key
            )


class _Watcher:
    """Finds the instances of `model` that lead to a changed row by `path`."""

    def __init__(self, model: type[models.Model], path: str) -> None:
        self.model = model
        self.path = path
        self.key = f"_derived_parents_{model._meta.label_lower}_{path}"

    def find_parents(self, keys: Iterable[Any]) -> set[Any]:
        rows = self.model._base_manager.filter(**{f"{self.path}__in": list(keys)})
        return set(rows.values_list("pk", flat=True))

    def note(self, instance: models.Model, **kwargs: Any) -> None:
        """Keep the parents from before the change: it may move the row to others."""
        if kwargs.get("raw") or instance.pk is None:
            return
        instance.__dict__[self.key] = self.find_parents([instance.pk])

    def index_noted(self, instance: models.Model, **kwargs: Any) -> None:
        """Index the parents from before and after the change, once it is committed."""
        if kwargs.get("raw"):
            return
        parents = instance.__dict__.pop(self.key, set())
        if instance.pk is not None:
            parents |= self.find_parents([instance.pk])
        self.index(parents)

    def index_members(self, action: str, **kwargs: Any) -> None:
        """Index both ends of a many-to-many relation that has changed."""
        if not action.startswith(("post_", "pre_clear")):
            return
        instance, keys = kwargs["instance"], kwargs.get("pk_set") or ()
        if isinstance(instance, self.model):
            self.index({instance.pk})
        elif kwargs.get("model") and issubclass(kwargs["model"], self.model):
            self.index(set(keys) | self.find_parents([instance.pk]))

    def index(self, keys: set[Any]) -> None:
        if keys:
            transaction.on_commit(lambda: self._index_now(keys))

    def _index_now(self, keys: set[Any]) -> None:
        for instance in self.model._base_manager.filter(pk__in=keys):
            index.insert_or_update_object(instance)


def _through_model(model: type[models.Model], parts: list[str]) -> Any:
    """Return the table between the last two models of a path, if it is many-to-many."""
    owner = related_models(model, "__".join(parts[:-1]))[-1] if parts[1:] else model
    field: Any = owner._meta.get_field(parts[-1])
    if not field.many_to_many:
        return None
    return (field if field.auto_created else field.remote_field).through
