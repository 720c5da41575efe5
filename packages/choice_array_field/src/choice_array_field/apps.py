"""The Django app: the field is made known to those partners that are installed."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig, apps
from django.core.checks import Tags, register

__all__ = ["ChoiceArrayFieldConfig"]

# Each app, and the module that is for it.
_PARTNERS = {
    "django.contrib.admin": "partners.admin",
    "django_filters": "filters",
    "modelsearch": "partners.modelsearch",
    "rest_framework": "drf",
    "wagtail.admin": "partners.wagtail",
    "wagtail.search": "partners.modelsearch",
}


class ChoiceArrayFieldConfig(AppConfig):
    """Puts in place what Django and others have no hook for."""

    name = "choice_array_field"
    verbose_name = "Choice array field"

    def ready(self) -> None:
        """Install what the partners need; a second call changes nothing."""
        from choice_array_field.column.index_checks import check_indexes

        register(check_indexes, Tags.models)
        for app, module in _PARTNERS.items():
            if apps.is_installed(app):
                import_module(f"{self.name}.{module}").install()
