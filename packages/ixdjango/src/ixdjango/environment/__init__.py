"""Settings from the environment.

    addresses   where PostgreSQL and Elasticsearch are: pure functions of a mapping
    secret      text that no repr shows
    logs        LOGGING, for a console or a syslog server
    values      the variables, all read at once: `read_environment`
    build       settings for `collectstatic` in an image, refused by what serves or deploys

`read_environment()` names every variable that is missing or wrong in one message, with
what was expected and an example; no value is shown. environs, which reads them, is
imported by that call and not before.
"""

from __future__ import annotations

from ixdjango.environment.addresses import (
    database_settings,
    database_url,
    search_urls,
    split_url,
)
from ixdjango.environment.secret import Secret
from ixdjango.environment.values import Environment, read_environment

__all__ = [
    "Environment",
    "Secret",
    "database_settings",
    "database_url",
    "read_environment",
    "search_urls",
    "split_url",
]
