"""System checks of the setting REDMINE_ANALYTICS; none of them asks Redmine.

| id | says |
|---|---|
| redmine_analytics.E001 | the setting is not a dictionary of known options with a URL |
| redmine_analytics.W001 | there is no API key in the setting or in the environment |
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from redmine_analytics.exceptions import RedmineAnalyticsError

if TYPE_CHECKING:
    from redmine_analytics.report.options import ReportOptions

__all__ = ["check_setting", "configured_options"]


def configured_options() -> ReportOptions:
    """Return the options of the setting REDMINE_ANALYTICS.

    Raises:
        RedmineAnalyticsError: an option is unknown or wrong.
    """
    # Needs pandas, for which a site without the setting need not wait.
    from redmine_analytics.report.options import ReportOptions

    options = ReportOptions.of(getattr(settings, "REDMINE_ANALYTICS", {}))
    options.calendar()
    options.source()
    return options


def check_setting(**_: Any) -> list[CheckMessage]:
    """Check the setting; a site without it has nothing to check."""
    given = getattr(settings, "REDMINE_ANALYTICS", None)
    if not given:
        return []
    if not isinstance(given, Mapping):
        return [_error("it is not a dictionary.")]
    try:
        options = configured_options()
    except (RedmineAnalyticsError, TypeError) as error:
        return [_error(str(error))]
    if not (options.key or os.environ.get("REDMINE_API_KEY")):
        return [
            Warning(
                "REDMINE_ANALYTICS has no API key, so redmine_snapshot cannot read.",
                hint='Set the environment variable REDMINE_API_KEY, or "KEY".',
                id="redmine_analytics.W001",
            )
        ]
    return []


def _error(reason: str) -> Error:
    return Error(
        f"REDMINE_ANALYTICS: {reason}",
        hint='Such as {"URL": "https://redmine.example.com", "PROJECT": "devops"}.',
        id="redmine_analytics.E001",
    )
