"""Decide which models can be written in bulk, as if each object were saved by itself."""

from __future__ import annotations

import functools
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.signals import m2m_changed, post_save, pre_save

from loaddata_stdin.django_private import live_receivers, saving_methods
from loaddata_stdin.exceptions import LoaddataStdinError
from loaddata_stdin.model.natural_keys import NaturalKey
from loaddata_stdin.model.target import Target
from loaddata_stdin.objects import FixtureObject
from loaddata_stdin.options import Options

__all__ = [
    "RAW_SAFE_RECEIVERS",
    "RECEIVES",
    "SETTING",
    "Plan",
    "has_tables",
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
_NAMED = "only its manager finds an object without a primary key"
_SAVED = "only saving gives an object a primary key"
_KEYLESS = "the database has a default of its own for the primary key"
_VENDORS = frozenset({"postgresql", "sqlite"})
# To both of these a text of the one means the same as to the other.
_ALIKE = ("{smallint,integer,bigint}", "{text,character varying}")
_SAME_TYPE = "(a.atttypid = to_regtype(f.type){})".format(
    "".join(
        f" OR a.atttypid = ANY ('{types}'::regtype[])"
        f" AND to_regtype(f.type) = ANY ('{types}'::regtype[])"
        for types in _ALIKE
    )
)


def has_tables(connection: BaseDatabaseWrapper, options: Options) -> bool:
    """Return whether anything is written in bulk.

    Raises:
        LoaddataStdinError: nothing is, and the options need it.
    """
    has_them = connection.vendor in _VENDORS
    if not has_them and (options.keys or options.needs_ledger):
        message = (
            f"{connection.display_name}: --on-conflict, --key, --delete-missing and"
            " --validate need PostgreSQL or SQLite."
        )
        raise LoaddataStdinError(message)
    return has_them


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
        self.target = Target(concrete, connection.alias)
        self.label = concrete._meta.label_lower
        self.reason = _reason_against_bulk(model, self.target, connection)
        self._reasons = _reasons_of_fields(concrete)
        self._keyless = _SAVED if _gets_key_when_saved(self.target) else _NAMED
        is_looked_up = self._is_looked_up(connection.alias)
        self.needs_key = not self.reason and (self._keyless == _SAVED or is_looked_up)

    def _is_looked_up(self, using: str) -> bool:
        """Return whether only the manager finds the row of an object without a key."""
        natural, known = NaturalKey.of(self.model, using), self.target.natural
        if not (natural and known):
            return natural is not known
        # That of a proxy may be another one than the table's.
        return not natural.fields or natural.fields != known.fields

    def leave_keys(self, *, is_always: bool) -> None:
        """Let the database make the keys of new rows, one by one.

        Args:
            is_always: whether an object with a primary key may need one, too.
        """
        self.needs_key, self._keyless = True, _KEYLESS
        self.reason = _KEYLESS if is_always else None

    def reason_of(self, item: FixtureObject) -> str | None:
        """Return why an object is saved by itself, unlike others of its model."""
        if self.needs_key and item.values.get("pk") is None:
            return self._keyless
        found = (self._reasons[n] for n in item.fields if n in self._reasons)
        return next(found, None)


def _gets_key_when_saved(target: Target) -> bool:
    """Return whether Django, or the database without it, has a way of its own to keys."""
    if len(target.keys) > 1:
        return False
    [key] = target.keys
    is_own = not key.get_pk_value_on_save.__module__.startswith("django.")
    is_automatic = key.is_relation or "AutoField" in key.get_internal_type()
    return is_own or not (is_automatic or key.has_default())


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
        through = relation.through._meta
        # Beside its key and both ends a table may have more, as sorted ones do.
        is_plain = through.auto_created and len(through.local_concrete_fields) == 3
        if not is_plain:
            reasons[field.name] = f"{field.name} has a model of its own between"
        elif relation.symmetrical:
            reasons[field.name] = f"{field.name} is symmetrical"
        elif relation.model._default_manager.all().query.where:
            reasons[field.name] = f"not all that {field.name} can hold is seen"
        elif live_receivers(m2m_changed, relation.through):
            reasons[field.name] = f"there are receivers of changes of {field.name}"
    return reasons


def _of_database(target: Target, connection: BaseDatabaseWrapper) -> str | None:
    if connection.vendor not in _VENDORS:
        return f"{connection.display_name} is written to in Django's way"
    for field in target.fields:
        if field.column.startswith(("#", "@")):
            return f"the column {field.column} has the name of one of ours"
    if connection.vendor == "postgresql":
        return _of_columns(target, connection)
    if connection.vendor == "sqlite":
        # UPDATE ... FROM is new in 3.33, MATERIALIZED in 3.35.
        if connection.Database.sqlite_version_info < (3, 35):  # type: ignore[attr-defined]  # in no stub
            return "SQLite before 3.35 is written to in Django's way"
        for field in target.fields:
            if field.has_db_default():
                return f"the database has a default for field {field.name}"
    return None


def _of_columns(target: Target, connection: BaseDatabaseWrapper) -> str | None:
    """Return which column has another type than its field says, as in legacy tables.

    There a value means what its parameter's type makes of it, and COPY has no types.
    """
    types = {field.column: field.db_type(connection) for field in target.fields}
    asked = ", ".join(["(%s, %s)"] * len(types))
    table = connection.ops.quote_name(target.model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.attname, format_type(a.atttypid, NULL), f.type FROM pg_attribute a"  # noqa: S608
            f" JOIN (VALUES {asked}) AS f (name, type) ON f.name = a.attname"
            f" WHERE a.attrelid = to_regclass(%s) AND NOT {_SAME_TYPE}"
            " ORDER BY a.attnum LIMIT 1",
            [*chain.from_iterable(types.items()), table],
        )
        found = cursor.fetchone()
    return "the column {} is {}, not {}".format(*found) if found else None


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
