"""The Django app: its `loaddata` takes the place of Django's."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["LoaddataStdinConfig"]


class LoaddataStdinConfig(AppConfig):
    """Names the app; the command is found by its place."""

    name = "loaddata_stdin"
    verbose_name = "loaddata from standard input"
