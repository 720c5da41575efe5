"""The system checks of the settings."""

from __future__ import annotations

import pkgutil
from typing import Any

from django.conf import settings
from django.core import checks

from loaddata_stdin.model.plan import SETTING

__all__ = ["check_receivers"]


# Any in this module: what Django gives to checks, and what a setting may hold.
def check_receivers(**_: Any) -> list[checks.CheckMessage]:
    """Return what is wrong with the names of receivers that return at once for raw."""
    names = getattr(settings, SETTING, ())
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        return [
            checks.Error(
                f"{SETTING} is {names!r}.",
                hint='Make it a list of names, such as ["shop.signals.reindex"].',
                id="loaddata_stdin.E001",
            )
        ]
    return [
        checks.Warning(
            f"{SETTING} names {name!r}, which cannot be imported.",
            hint="Name module and function, as `loaddata -v 2` shows them.",
            id="loaddata_stdin.W001",
        )
        for name in names
        if not _is_there(name)
    ]


def _is_there(name: str) -> bool:
    try:
        # What a function makes is known by the function.
        pkgutil.resolve_name(name.partition(".<locals>")[0])
    except (ImportError, AttributeError, ValueError):
        return False
    return True
