from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register


class WagtailImporterConfig(AppConfig):
    """The app: one management command, no models."""

    name = "wagtailimporter"
    verbose_name = "Wagtail importer"

    def ready(self) -> None:
        """Register the check."""
        from wagtailimporter.checks import check_models

        register(check_models)
