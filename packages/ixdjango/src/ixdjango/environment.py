"""Read the environment contract: service addresses as values, secrets masked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import dj_database_url

from ixdjango.exceptions import EnvironmentContractError

__all__ = ["database_settings", "database_url", "mask", "search_urls"]

_PASSWORD = re.compile(
    r"(?P<head>://[^:/?#\s]*:)[^\s]*(?=@)|(?P<key>[?&]password=)[^&#\s]*"
)
_SCHEMES = ("postgres", "postgresql", "pgsql")


def mask(text: str) -> str:
    """Return `text` with the password of every URL in it replaced by ***."""
    return _PASSWORD.sub(lambda match: f"{match['head'] or match['key']}***", text)


def database_url(environ: Mapping[str, str]) -> str | None:
    """Return the PostgreSQL URL that the environment names, or None.

    Reads `DATABASE_URL` and the older `DB_DEFAULT_URL`; an empty value is unset.

    Raises:
        EnvironmentContractError: both are set and differ, or the scheme is not
            PostgreSQL's.
    """
    new, old = environ.get("DATABASE_URL"), environ.get("DB_DEFAULT_URL")
    if new and old and new != old:
        message = (
            "DATABASE_URL and DB_DEFAULT_URL name different databases"
            f" ({mask(new)}, {mask(old)}); unset one of them."
        )
        raise EnvironmentContractError(message)
    url = new or old
    if url:
        scheme = url.partition("://")[0]
        if scheme not in _SCHEMES or "://" not in url:
            shown = mask(url) if "://" in url else "(no scheme)"
            message = (
                f"DATABASE_URL {shown} has a scheme that is not PostgreSQL's;"
                " write postgresql://USER:PASSWORD@HOST:PORT/NAME."
            )
            raise EnvironmentContractError(message)
    return url or None


def database_settings(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return Django's `DATABASES` for the environment; {} where it names none.

    Raises:
        EnvironmentContractError: as `database_url` does, or the URL cannot be
            parsed.
    """
    url = database_url(environ)
    if url is None:
        return {}
    try:
        return {"default": dict(dj_database_url.parse(url))}
    except (ValueError, dj_database_url.ParseError) as error:
        message = (
            f"DATABASE_URL {mask(url)} cannot be parsed; percent-encode special"
            " characters in its password and give the port as a number."
        )
        # The parser quotes the URL, password and all: not chained on purpose.
        raise EnvironmentContractError(message) from type(error)()


def search_urls(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the Elasticsearch URLs that the environment names, in its order.

    `ELASTICSEARCH_URL` separates several by commas, the older
    `ELASTICSEARCH_URLS` by `|`; the first wins where both are set.
    """
    if new := environ.get("ELASTICSEARCH_URL"):
        urls = new.split(",")
    else:
        urls = environ.get("ELASTICSEARCH_URLS", "").split("|")
    return tuple(url.strip() for url in urls if url.strip())
