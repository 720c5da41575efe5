"""How objects are loaded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, models

from loaddata_stdin.substitute import Substitution

__all__ = ["Options"]

Models = Collection[type[models.Model]]


@dataclass(frozen=True)
class Options:
    """How objects are loaded.

    Attributes:
        using: the alias of the database.
        substitution: what replaces references to the environment; None: nothing.
        is_lenient: whether unknown models and fields are left out.
        most_errors: after so many nothing more is looked at.
        excluded_models: those whose objects are left out.
        excluded_apps: the configurations of apps whose objects are left out.
        only_models: with `only_apps`, the only ones whose objects are not left out;
            none in both of them means all.
        only_apps: the configurations of such apps.
        on_conflict: what becomes of an object whose row was there before the load.
        is_patch: whether fields that an object does not list keep what its row has.
        keys: the names of the fields that tell a row, by `app.model` in lower case;
            the primary key tells those of all other models.
        deletes_missing: whether rows of the stream's models are deleted that the stream
            does not hold.
        is_validated: whether the rows are validated as forms do before they are kept.
        is_dry_run: whether everything is undone at the end.
        is_counted: whether the report tells rows that are as they were from rows that
            a trigger or a receiver put back.
        differ: is called with the lines of what changes.
        say_phase: is called with what is done after the stream has been read.
    """

    using: str = DEFAULT_DB_ALIAS
    substitution: Substitution | None = None
    is_lenient: bool = False
    most_errors: int = 1
    excluded_models: Models = ()
    excluded_apps: Collection[AppConfig] = ()
    only_models: Models = ()
    only_apps: Collection[AppConfig] = ()
    on_conflict: Literal["update", "ignore", "error"] = "update"
    is_patch: bool = False
    keys: Mapping[str, Collection[str]] = field(default_factory=dict)
    deletes_missing: bool = False
    is_validated: bool = False
    is_dry_run: bool = False
    is_counted: bool = True
    differ: Callable[[str], object] | None = None
    say_phase: Callable[[str], object] | None = None

    def is_left_out(self, model: type[models.Model]) -> bool:
        """Return whether objects of a model are left out because somebody said so."""
        app = model._meta.app_config
        if model in self.excluded_models or app in self.excluded_apps:
            return True
        is_all = not (self.only_models or self.only_apps)
        return not (is_all or model in self.only_models or app in self.only_apps)

    @property
    def needs_ledger(self) -> bool:
        """Return whether somebody asks which objects were saved one by one."""
        is_checked = self.deletes_missing or self.is_validated
        return is_checked or self.on_conflict != "update"

    def phase(self, text: str) -> None:
        """Say what is done now."""
        if self.say_phase:
            self.say_phase(text)
