from __future__ import annotations

from django.apps import AppConfig


class WagtailImporterConfig(AppConfig):
    """The app: one management command, no models."""

    name = "wagtailimporter"
    verbose_name = "Wagtail importer"
