"""How objects are loaded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, models

from loaddata_stdin.substitute import Substitution

__all__ = ["Options"]


@dataclass(frozen=True)
class Options:
    """How objects are loaded.

    Attributes:
        using: the alias of the database.
        substitution: what replaces references to the environment; None: nothing.
        is_lenient: whether unknown models and fields are left out.
        excluded_models: those whose objects are left out.
        most_errors: after so many nothing more is looked at.
        excluded_apps: the configurations of apps whose objects are left out.
    """

    using: str = DEFAULT_DB_ALIAS
    substitution: Substitution | None = None
    is_lenient: bool = False
    most_errors: int = 1
    excluded_models: Collection[type[models.Model]] = ()
    excluded_apps: Collection[AppConfig] = ()
