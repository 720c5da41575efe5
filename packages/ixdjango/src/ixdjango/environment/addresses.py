"""Read the environment contract: service addresses as values.

A value that cannot be used is never shown: nobody knows which part of it is a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

import dj_database_url

from ixdjango.exceptions import EnvironmentContractError

__all__ = ["database_settings", "database_url", "search_urls", "split_url"]

_SCHEMES = ("postgres", "postgresql", "pgsql")


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
            "DATABASE_URL and DB_DEFAULT_URL name different databases; unset one of"
            " them."
        )
        raise EnvironmentContractError(message)
    url = new or old
    if url and not url.startswith(tuple(f"{scheme}://" for scheme in _SCHEMES)):
        message = (
            "DATABASE_URL has a scheme that is not PostgreSQL's;"
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
        split_url(url)
        return {"default": dict(dj_database_url.parse(url))}
    except (ValueError, dj_database_url.ParseError) as error:
        message = (
            "DATABASE_URL cannot be parsed; percent-encode special characters in its"
            " password and give the port as a number."
        )
        # The parser quotes the URL, password and all: not chained on purpose.
        raise EnvironmentContractError(message) from type(error)()


def split_url(url: str) -> SplitResult:
    """Return the parts of `url`, which holds no part of a password in another place.

    A slash, `?` or `#` in a password that is not percent-encoded ends the host early:
    the rest of the password would be taken for a path, which is shown.

    Raises:
        ValueError: it has such a password, or a port that is not a number.
    """
    parts = urlsplit(url)
    _ = parts.port  # Raises: it is parsed on demand.
    keyless = parts.query.partition("=")[0] if "@" not in parts.netloc else ""
    if "@" in parts.path + parts.fragment + keyless:
        raise ValueError
    return parts


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
