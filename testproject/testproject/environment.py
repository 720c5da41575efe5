"""Turn the environment into values for the settings: functions, so that tests call them."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from ixdjango.environment import database_settings, search_urls

# PostgreSQL's engine and not Django's dummy: the models of the search index follow
# the engine, so `makemigrations --check` would see other models. libpq takes the
# host for a folder of sockets, and names it in the error of the first real query.
_UNCONFIGURED = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "/DATABASE_URL is not set",
        "NAME": "unconfigured",
    }
}


def databases(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return `DATABASES`; without a URL one that can be checked, not queried."""
    return database_settings(environ) or _UNCONFIGURED


def search_backends(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return `WAGTAILSEARCH_BACKENDS`: Elasticsearch where named, else the database.

    Raises:
        ImproperlyConfigured: Elasticsearch is named and its client is missing, or
            `SEARCH_FALLBACK` is something else than `database`.
    """
    # By default words are stemmed in the language of the server, and the same
    # search finds other pages on another machine, or on Elasticsearch.
    database = {
        "BACKEND": "wagtail_derived_fields.search.database",
        "SEARCH_CONFIG": "simple",
    }
    urls = search_urls(environ)
    if not urls:
        return {"default": database}
    try:
        metadata.version("elasticsearch")
    except metadata.PackageNotFoundError:
        message = (
            "ELASTICSEARCH_URL is set and the Python client is not installed;"
            " install group es8 or es9, as the server's version is."
        )
        raise ImproperlyConfigured(message) from None
    server = {
        "BACKEND": "wagtail_derived_fields.search.elasticsearch",
        "URLS": list(urls),
        "INDEX_PREFIX": environ.get("SEARCH_INDEX_PREFIX", "fieldkit_"),
    }
    fallback = environ.get("SEARCH_FALLBACK")
    if not fallback:
        return {"default": server}
    if fallback != "database":
        message = f"SEARCH_FALLBACK is {fallback!r}; give database, or leave it unset."
        raise ImproperlyConfigured(message)
    return {"default": {**server, "FALLBACK": "database"}, "database": database}


def secret_key(environ: Mapping[str, str], *, production: bool, kept: Path) -> str:
    """Return `SECRET_KEY`: the environment's, or outside production our own.

    Args:
        environ: `DJANGO_SECRET_KEY`.
        production: refuse to make one up.
        kept: the file that `keep_secret_key` wrote; without it the key is a new one.

    Raises:
        ImproperlyConfigured: production without `DJANGO_SECRET_KEY`.
    """
    if key := environ.get("DJANGO_SECRET_KEY"):
        return key
    if production:
        message = (
            "DJANGO_SECRET_KEY is not set; ENVIRONMENT=prod needs one that stays"
            " the same, of 50 random characters or more."
        )
        raise ImproperlyConfigured(message)
    try:
        return kept.read_text(encoding="ascii").strip() or get_random_secret_key()
    except FileNotFoundError:
        return get_random_secret_key()


def keep_secret_key(key: str, file: Path) -> None:
    """Write the key for the next process, unless there is one: sessions outlive us."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(f"{key}\n", encoding="ascii")


def mail_settings(environ: Mapping[str, str], *, mailers: bool) -> dict[str, Any]:
    """Return the mail settings; without `EMAIL_HOST` mail goes to the console.

    Args:
        environ: `EMAIL_HOST`, `_PORT`, `_HOST_USER`, `_HOST_PASSWORD`, `_USE_TLS` (1).
        mailers: as `MAILERS` (Django 6.1 and later), else as `EMAIL_*`.

    Raises:
        ImproperlyConfigured: `EMAIL_PORT` is not a number.
    """
    kind = "smtp" if environ.get("EMAIL_HOST") else "console"
    backend = f"django.core.mail.backends.{kind}.EmailBackend"
    port = environ.get("EMAIL_PORT") or "25"
    if not port.isdecimal():
        message = f"EMAIL_PORT is {port!r}; give a number such as 587."
        raise ImproperlyConfigured(message)
    options = {
        "host": environ.get("EMAIL_HOST", ""),
        "port": int(port),
        "username": environ.get("EMAIL_HOST_USER", ""),
        "password": environ.get("EMAIL_HOST_PASSWORD", ""),
        "use_tls": environ.get("EMAIL_USE_TLS") == "1",
    }
    if mailers:
        smtp_options = {"OPTIONS": options} if kind == "smtp" else {}
        return {"MAILERS": {"default": {"BACKEND": backend, **smtp_options}}}
    return {
        "EMAIL_BACKEND": backend,
        "EMAIL_HOST": options["host"],
        "EMAIL_PORT": options["port"],
        "EMAIL_HOST_USER": options["username"],
        "EMAIL_HOST_PASSWORD": options["password"],
        "EMAIL_USE_TLS": options["use_tls"],
    }
