"""The errors of redmine_analytics; each text is one line that names the cure.

RedmineAnalyticsError
├── SourceError            the address, project or query cannot be read as given
├── KeyRefusedError        Redmine does not accept the API key, or REST is off
├── UnreachableError       no connection, or no answer after all retries
├── NotRedmineError        an answer that is not Redmine's JSON, such as a login page
├── ChangedWhileReadError  the list kept changing while it was read
├── CacheError             the cache file is missing, foreign or of another project
├── ExportError            a CSV export is truncated or cannot be decoded
├── FieldError             no such field or column, or several with that name
└── ForecastError          too little history to forecast from
"""

from __future__ import annotations

__all__ = [
    "CacheError",
    "ChangedWhileReadError",
    "ExportError",
    "FieldError",
    "ForecastError",
    "KeyRefusedError",
    "NotRedmineError",
    "RedmineAnalyticsError",
    "SourceError",
    "UnreachableError",
]


class RedmineAnalyticsError(Exception):
    """Base of every error of this package."""


class SourceError(RedmineAnalyticsError, ValueError):
    """The address, the project or the query cannot be read as given."""


class KeyRefusedError(RedmineAnalyticsError, PermissionError):
    """Redmine does not accept the API key, or its REST service is switched off."""


class UnreachableError(RedmineAnalyticsError, OSError):
    """The server cannot be reached, or gives no usable answer after all retries."""


class NotRedmineError(RedmineAnalyticsError, ValueError):
    """An answer is not Redmine's JSON: a login page, a proxy, another program."""


class ChangedWhileReadError(RedmineAnalyticsError):
    """A list kept changing while it was read, so that it cannot be complete."""


class CacheError(RedmineAnalyticsError, ValueError):
    """The cache file is missing, is not ours, or belongs to another project."""


class ExportError(RedmineAnalyticsError, ValueError):
    """A CSV export is truncated, not a CSV, or in another encoding."""


class FieldError(RedmineAnalyticsError, LookupError):
    """No field or column has this name, or several have it."""


class ForecastError(RedmineAnalyticsError, ValueError):
    """There is too little history to forecast from."""
