"""The Django app; the rest of the package does not need Django."""

from __future__ import annotations

from django.apps import AppConfig
from django.core import checks

from redmine_analytics.checks import check_setting

__all__ = ["RedmineAnalyticsConfig"]


class RedmineAnalyticsConfig(AppConfig):
    """Snapshots of a project's metrics, taken by `manage.py redmine_snapshot`."""

    name = "redmine_analytics"
    verbose_name = "Redmine analytics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of the setting."""
        checks.register(check_setting)
