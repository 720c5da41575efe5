"""What this package uses of Django that is not documented."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connections, models, router
from django.dispatch import Signal

__all__ = ["asking", "live_receivers", "python_keys", "saving_methods", "unlogged"]

# Any in this module: receivers and methods of any signature.

_SAVING = ("save_base", "_save_table", "_do_update", "_do_insert")


def live_receivers(signal: Signal, sender: object) -> list[Callable[..., Any]]:
    """Return what a signal from the sender calls.

    `Signal.has_listeners` is documented, and tells only whether there are any. The same
    in Django 5.2, 6.0 and 6.1: the synchronous and the asynchronous ones.
    """
    synchronous, asynchronous = signal._live_receivers(sender)
    return [*synchronous, *asynchronous]


def saving_methods(model: type[models.Model]) -> list[str]:
    """Return the names of the methods of a raw save that the model has of its own."""
    return [
        name
        for name in _SAVING
        if getattr(model, name) is not getattr(models.Model, name)
    ]


def python_keys(
    fields: Sequence[Any], rows: Iterable[Sequence[Any]], connection: Any
) -> list[Any]:
    """Return primary keys as objects have them.

    `to_python` is for what a fixture or a form holds. What a database holds is converted
    by the compiler of queries, in the same way in Django 5.2, 6.0 and 6.1.

    Args:
        fields: of the key.
        rows: what the database has in their columns.
        connection: of the database.

    Returns:
        values of the field; tuples of them where there are several.
    """
    columns = [field.get_col(field.model._meta.db_table) for field in fields]
    query = models.QuerySet(model=fields[0].model).query
    compiler: Any = query.get_compiler(connection=connection)
    found = compiler.apply_converters(rows, compiler.get_converters(columns))
    return [tuple(row) if len(columns) > 1 else row[0] for row in found]


@contextmanager
def unlogged(using: str) -> Iterator[None]:
    """Keep a connection's queries out of its log, and of that of django.db.backends.

    With `DEBUG` both show the parameters. There is no documented way to leave it for one
    connection; `make_debug_cursor` is the same in Django 5.2, 6.0 and 6.1.
    """
    connection: Any = connections[using]
    before = vars(connection).get("make_debug_cursor")
    connection.make_debug_cursor = connection.make_cursor
    try:
        yield
    finally:
        del connection.make_debug_cursor
        if before:  # Within another load.
            connection.make_debug_cursor = before


class _OneDatabase:
    """A router that lets one thread read from one database."""

    def __init__(self, using: str) -> None:
        self._using = using
        self._thread = threading.get_ident()

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        return self._using if threading.get_ident() == self._thread else None

    db_for_write = db_for_read


@contextmanager
def asking(using: str) -> Iterator[None]:
    """Let the validation of models ask a database, whatever the routers say.

    `validate_unique` has no argument for it, and asks the default one about rows of
    another. `ConnectionRouter.routers` is the same in Django 5.2, 6.0 and 6.1.
    """
    routers: list[Any] = router.routers
    ours = _OneDatabase(using)
    routers.insert(0, ours)
    try:
        yield
    finally:
        routers.remove(ours)
