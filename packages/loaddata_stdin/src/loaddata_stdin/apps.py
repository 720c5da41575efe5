"""The Django app: its `loaddata` takes the place of Django's."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks

from loaddata_stdin.checks import check_receivers

__all__ = ["LoaddataStdinConfig"]


class LoaddataStdinConfig(AppConfig):
    """Names the app; the command is found by its place."""

    name = "loaddata_stdin"
    verbose_name = "loaddata from standard input"

    def ready(self) -> None:
        """Register the system check."""
        checks.register(check_receivers)
