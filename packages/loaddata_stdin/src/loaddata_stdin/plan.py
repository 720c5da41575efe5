"""Decide which models can be written in bulk, as if each object were saved by itself."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import m2m_changed, post_save, pre_save

from loaddata_stdin.django_private import live_receivers, saving_methods
from loaddata_stdin.target import Target

__all__ = [
    "RAW_SAFE_RECEIVERS",
    "RECEIVES",
    "SETTING",
    "VENDORS",
    "Plan",
]

# They return at once for raw=True, in which Django saves what a fixture holds.
RAW_SAFE_RECEIVERS = frozenset(
    {
        "modelsearch.signal_handlers.post_save_signal_handler",
        "wagtail.images.signal_handlers.post_save_image_feature_detection",
        "wagtail.models.i18n.set_locale_on_new_instance",
        "wagtail.signal_handlers.update_reference_index_on_save",
    }
)
# How the reason ends that concerns receivers.
RECEIVES = "receives its signals"
SETTING = "LOADDATA_STDIN_RAW_SAFE_RECEIVERS"
VENDORS = frozenset({"postgresql", "sqlite"})


class Plan:
    """How the objects of a model are loaded.

    Attributes:
        model: as the fixture names it, perhaps a proxy.
        target: the table.
        label: of the concrete model.
        reason: why they are saved one by one; None: they are not.
        needs_key: whether those without a primary key are saved one by one.
    """

    def __init__(self, model: type[models.Model], connection: Any) -> None:
        concrete: Any = model._meta.concrete_model
        self.model = model
        self.target = Target(concrete)
        self.label = concrete._meta.label_lower
        self.reason = _reason_against_bulk(model, self.target, connection)
        self._reasons = _reasons_of_fields(concrete)
        natural = self.target.natural
        self.needs_key = bool(
            not self.reason and natural and not natural.is_plain(connection.alias)
        )

    def reason_of(self, names: Iterable[str]) -> str | None:
        """Return why an object that lists these fields is saved by itself."""
        found = (self._reasons[name] for name in names if name in self._reasons)
        return next(found, None)


def _reason_against_bulk(
    model: type[models.Model], target: Target, connection: BaseDatabaseWrapper
) -> str | None:
    """Return why the objects of a model must be saved one by one; None: they need not."""
    return _of_database(target, connection) or _of_receivers(model) or _of_model(target)


def _reasons_of_fields(model: type[models.Model]) -> dict[str, str]:
    """Return why objects that list a many-to-many field are saved one by one."""
    reasons = {}
    for field in model._meta.many_to_many:
        relation: Any = field.remote_field
        if not relation.through._meta.auto_created:
            reasons[field.name] = f"{field.name} has a model of its own between"
        elif relation.symmetrical:
            reasons[field.name] = f"{field.name} is symmetrical"
        elif live_receivers(m2m_changed, relation.through):
            reasons[field.name] = f"there are receivers of changes of {field.name}"
    return reasons


def _of_database(target: Target, connection: BaseDatabaseWrapper) -> str | None:
    if connection.vendor not in VENDORS:
        return f"{connection.display_name} is written to in Django's way"
    for field in target.fields:
        if field.column.startswith(("#", "@")):
            return f"the column {field.column} has the name of one of ours"
    if connection.vendor == "sqlite":
        # UPDATE ... FROM is new in 3.33, MATERIALIZED in 3.35.
        if connection.Database.sqlite_version_info < (3, 35):  # type: ignore[attr-defined]  # in no stub
            return "SQLite before 3.35 is written to in Django's way"
        for field in target.fields:
            if field.has_db_default():
                return f"the database has a default for field {field.name}"
    return None


def _of_receivers(model: type[models.Model]) -> str | None:
    safe = RAW_SAFE_RECEIVERS.union(getattr(settings, SETTING, ()))
    for signal in (pre_save, post_save):
        for receiver in live_receivers(signal, model):
            name = _name(receiver)
            if name not in safe:
                return f"{name} {RECEIVES}"
    return None


def _of_model(target: Target) -> str | None:
    model = target.model
    methods = saving_methods(model)
    if methods:
        return f"it has a {methods[0]} of its own"
    if model._meta.order_with_respect_to:
        return "its order is counted when it is saved"
    if model._base_manager.__class__ is not models.Manager:
        return "it has a base manager of its own"
    return None


def _name(receiver: Any) -> str:
    while isinstance(receiver, functools.partial):
        receiver = receiver.func
    named = receiver if hasattr(receiver, "__qualname__") else type(receiver)
    return f"{named.__module__}.{named.__qualname__}"
