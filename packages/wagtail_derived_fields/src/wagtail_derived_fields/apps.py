"""The Django app: registers the system checks, and watches what values depend on."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register

__all__ = ["WagtailDerivedFieldsConfig"]


class WagtailDerivedFieldsConfig(AppConfig):
    """Changes nothing of Django's or Wagtail's."""

    name = "wagtail_derived_fields"
    verbose_name = "Derived fields"

    def ready(self) -> None:
        """Register the checks, and connect the receivers of `depends_on`."""
        from wagtail_derived_fields.checks import check_derived_fields
        from wagtail_derived_fields.search.refresh import connect_signals

        register(check_derived_fields, Tags.models)
        connect_signals()
