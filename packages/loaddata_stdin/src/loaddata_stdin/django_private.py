"""What this package uses of Django that is not documented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import models
from django.dispatch import Signal

__all__ = ["live_receivers", "saving_methods"]

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
