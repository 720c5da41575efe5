"""Turn the environment into values for the settings: functions, so that tests call them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

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


# Labels of a host name, or the numbers of an address; no wildcard, port or path.
_HOST = re.compile(
    r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*", re.IGNORECASE
)


def is_production(environ: Mapping[str, str]) -> bool:
    """Return whether `ENVIRONMENT` is `prod`.

    Raises:
        ImproperlyConfigured: it is something else than `prod` or `dev`: a
            `production` that is not recognised would run without its protection.
    """
    value = environ.get("ENVIRONMENT") or "dev"
    if value not in ("prod", "dev"):
        message = f"ENVIRONMENT is {value!r}; give prod, or dev, or leave it unset."
        raise ImproperlyConfigured(message)
    return value == "prod"


def is_debugged(environ: Mapping[str, str], *, production: bool) -> bool:
    """Return whether `DJANGO_DEBUG` is 1.

    Raises:
        ImproperlyConfigured: it is neither 1 nor 0, or it is 1 in production, where
            every error would show its settings to whoever meets it.
    """
    is_on = _switch(environ, "DJANGO_DEBUG")
    if is_on and production:
        message = "DJANGO_DEBUG is 1 and ENVIRONMENT is prod; unset one of them."
        raise ImproperlyConfigured(message)
    return is_on


def site_domain(environ: Mapping[str, str]) -> str:
    """Return the one host name that the site answers to, `localhost` by default.

    Raises:
        ImproperlyConfigured: `SITE_DOMAIN` is not one host name, such as `*`.
    """
    domain = environ.get("SITE_DOMAIN") or "localhost"
    if not _HOST.fullmatch(domain):
        message = f"SITE_DOMAIN is {domain!r}; give one host name: commons.example."
        raise ImproperlyConfigured(message)
    return domain


def _switch(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name) or "0"
    if value not in ("0", "1"):
        message = f"{name} is {value!r}; give 1 or 0, or leave it unset."
        raise ImproperlyConfigured(message)
    return value == "1"


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


def redis_url(environ: Mapping[str, str]) -> str:
    """Return `REDIS_URL`, or "" if there is none.

    Raises:
        ImproperlyConfigured: it is not the address of a Redis.
    """
    url = environ.get("REDIS_URL", "")
    if url and urlsplit(url).scheme not in ("redis", "rediss", "unix"):
        message = "REDIS_URL is not an address such as redis://127.0.0.1:6379/0."
        raise ImproperlyConfigured(message)
    return url


def channel_layers(url: str) -> dict[str, Any]:
    """Return `CHANNEL_LAYERS`: Redis for several processes, memory for a single one."""
    if not url:
        # A worker has one channel; by default it would drop what exceeds 100 messages.
        memory = "channels.layers.InMemoryChannelLayer"
        return {"default": {"BACKEND": memory, "CONFIG": {"capacity": 10_000}}}
    # Its groups live in the workers, so a Redis that restarts empty loses none.
    backend = "channels_redis.pubsub.RedisPubSubChannelLayer"
    return {"default": {"BACKEND": backend, "CONFIG": {"hosts": [url]}}}


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
        ImproperlyConfigured: `EMAIL_PORT` is not a number, or `EMAIL_USE_TLS` is
            neither 1 nor 0.
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
        "use_tls": _switch(environ, "EMAIL_USE_TLS"),
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


def redmine_options(environ: Mapping[str, str], *, time_zone: str) -> dict[str, str]:
    """Return `REDMINE_ANALYTICS`: nothing without `REDMINE_URL`.

    Args:
        environ: `REDMINE_URL` and `REDMINE_PROJECT`; `REDMINE_API_KEY` is read later.
        time_zone: of the site.
    """
    if not environ.get("REDMINE_URL"):
        return {}
    options = {"URL": environ["REDMINE_URL"], "TIME_ZONE": time_zone}
    if project := environ.get("REDMINE_PROJECT"):
        options["PROJECT"] = project
    return options
