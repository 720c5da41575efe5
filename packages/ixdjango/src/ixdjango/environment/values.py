"""Read the variables of the environment, all at once, into one object."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dj_database_url
import django

from ixdjango.environment.addresses import split_url
from ixdjango.environment.build import VARIABLE as BUILD
from ixdjango.environment.logs import logging_settings
from ixdjango.environment.secret import Secret, hidden
from ixdjango.exceptions import EnvironmentContractError

if TYPE_CHECKING:
    from environs import Env

__all__ = ["Environment", "read_environment"]

DEBUGGED = ("dev_local", "dev", "test")
ENVIRONMENTS = (*DEBUGGED, "staging", "uat", "prod", "production")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
EXAMPLES = {
    "DJANGO_SECRET_KEY": "a long random string",
    "ENVIRONMENT": "prod",
    "DATABASE_URL": "postgresql://USER:PASSWORD@HOST:5432/NAME",
    "DB_*_URL": "postgresql://USER:PASSWORD@HOST:5432/NAME",
    "DEPLOY_DATABASE_URL": "postgresql://USER:PASSWORD@HOST:5432/NAME",
    "ELASTICSEARCH_URL": "http://USER:PASSWORD@HOST:9200",
    "REDIS_URL": "redis://:PASSWORD@HOST:6379/0",
    "REDIS_HOSTS": "HOST:6379",
    "REDIS_DB_INDEX": "0",
    "MEMCACHE_HOSTS": "HOST:11211|OTHER:11211",
    "EMAIL_PORT": "587",
    "EMAIL_USE_TLS": "true",
    "DJANGO_DEBUG": "false",
    "SITE_DOMAIN": "commons.example",
    "SITE_PROTOCOL": "https",
    "ALLOWED_HOSTS": "commons.example,www.commons.example",
    "TRUSTED_PROXIES": "10.0.0.0/8",
    "LOG_LEVEL": "INFO",
    "SYSLOG_PORT": "514",
    "SYSLOG_PROTO": "udp",
    BUILD: "1",
}
_HOST = re.compile(
    r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*(:\d{1,5})?",
    re.IGNORECASE,
)
UNSET = "it is not set"
_QUOTING = "percent-encode special characters in its password, such as @ as %40"


@dataclass(frozen=True, repr=False)
class Environment:
    """The settings that the environment names; no repr shows a secret.

    `storage_dir` is where uploads are kept, None if it is the project's folder.
    `email` has the options of Django's SMTP backend, and is empty without `EMAIL_HOST`.
    """

    environment: str
    debug: bool
    secret_key: str
    databases: Mapping[str, Any]
    deploy_database_url: str | None
    search_urls: tuple[str, ...]
    search_index: str | None
    caches: Mapping[str, Any]
    email: Mapping[str, Any]
    from_email: str | None
    site_domain: str | None
    site_protocol: str
    allowed_hosts: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    storage_dir: Path | None
    logging: Mapping[str, Any]
    is_build: bool = False

    def __repr__(self) -> str:
        shown = (
            f"{each.name}={getattr(self, each.name)!r}"
            for each in fields(self)
            if each.name != "logging"
        )
        return f"Environment({', '.join(shown)})"

    def settings(self, base_dir: Path) -> dict[str, Any]:
        """Return Django's settings: `globals().update(environment.settings(BASE_DIR))`.

        Args:
            base_dir: the project's folder; static files and, without `STORAGE_DIR`,
                uploads are below it.
        """
        found: dict[str, Any] = {
            "DEBUG": self.debug,
            "SECRET_KEY": self.secret_key,
            "DATABASES": dict(self.databases),
            "ALLOWED_HOSTS": list(self.allowed_hosts),
            "STATIC_ROOT": str(base_dir / "static_root"),
            "MEDIA_ROOT": str((self.storage_dir or base_dir) / "media"),
            "LOGGING": dict(self.logging),
            "IXDJANGO_TRUSTED_PROXIES": list(self.trusted_proxies),
            "IXDJANGO_BUILD_MODE": self.is_build,
            **self._mail(),
        }
        if self.caches:
            found["CACHES"] = dict(self.caches)
        if self.from_email:
            found["DEFAULT_FROM_EMAIL"] = self.from_email
        if self.trusted_proxies:
            # Only a proxy that overwrites these headers may be trusted.
            found["SECURE_PROXY_SSL_HEADER"] = ("HTTP_X_FORWARDED_PROTO", "https")
            found["USE_X_FORWARDED_HOST"] = True
        if self.site_domain and self.site_protocol == "https":
            found["CSRF_TRUSTED_ORIGINS"] = [f"https://{self.site_domain}"]
        return found

    def _mail(self) -> dict[str, Any]:
        kind = "smtp" if self.email else "console"
        backend = f"django.core.mail.backends.{kind}.EmailBackend"
        if django.VERSION >= (6, 1):
            options = {"OPTIONS": dict(self.email)} if self.email else {}
            return {"MAILERS": {"default": {"BACKEND": backend, **options}}}
        names = {"username": "HOST_USER", "password": "HOST_PASSWORD"}
        return {
            "EMAIL_BACKEND": backend,
            **{f"EMAIL_{names.get(k, k.upper())}": v for k, v in self.email.items()},
        }


def read_environment() -> Environment:
    """Return what the environment says.

    Raises:
        EnvironmentContractError: variables are missing or wrong: a line for each, with
            its name, what was expected and an example.
    """
    reader = _Reader()
    found = reader.read()
    reader.refuse()
    return found


class _Reader:
    """Reads variables; what is wrong is collected until `refuse`."""

    def __init__(self) -> None:
        from environs import Env

        self._env: Env = Env(eager=False)
        self._problems: dict[str, str] = {}

    def refuse(self) -> None:
        """Raise for all problems at once."""
        if self._problems:
            lines = (
                f"{name}: {problem}; example: {name}={EXAMPLES[_pattern(name)]}"
                for name, problem in sorted(self._problems.items())
            )
            raise EnvironmentContractError("\n".join(lines))

    def read(self) -> Environment:
        is_build = self._bool(BUILD, default=False)
        name = self._one_of("ENVIRONMENT", ENVIRONMENTS, "dev")
        debug = self._bool("DJANGO_DEBUG", default=name in DEBUGGED)
        if debug and name not in DEBUGGED:
            self._problems["DJANGO_DEBUG"] = f"it is on, and ENVIRONMENT is {name}"
        domain = self._checked("SITE_DOMAIN", _host)
        key = self._text("DJANGO_SECRET_KEY") or self._text("SECRET_KEY")
        if not key and not is_build:
            self._problems["DJANGO_SECRET_KEY"] = UNSET
        listed = self._text("ALLOWED_HOSTS")
        hosts = tuple(filter(None, map(str.strip, (listed or domain or "").split(","))))
        return Environment(
            environment=name,
            debug=debug,
            secret_key=Secret(key or "only while an image is built"),
            databases=self._databases(is_build=is_build),
            deploy_database_url=self._secret_url("DEPLOY_DATABASE_URL", _database),
            search_urls=self._search_urls(),
            search_index=self._text("ELASTICSEARCH_INDEX_NAME"),
            caches=self._caches(),
            email=self._email(),
            from_email=self._text("DEFAULT_FROM_EMAIL"),
            site_domain=domain,
            site_protocol=self._one_of("SITE_PROTOCOL", ("http", "https"), "https"),
            allowed_hosts=hosts,
            trusted_proxies=self._proxies(),
            storage_dir=Path(path) if (path := self._text("STORAGE_DIR")) else None,
            logging=self._logging(),
            is_build=is_build,
        )

    def _databases(self, *, is_build: bool) -> dict[str, Any]:
        new, old = self._text("DATABASE_URL"), self._text("DB_DEFAULT_URL")
        if new and old and new != old:
            self._problems["DATABASE_URL"] = (
                "it and DB_DEFAULT_URL name different databases, unset one of them"
            )
        urls = {"default": ("DATABASE_URL" if new else "DB_DEFAULT_URL", new or old)}
        for name in sorted(os.environ):
            match = re.fullmatch(r"DB_(?!DEFAULT_)([A-Z0-9]+)_URL", name)
            if match and self._text(name):
                urls[match[1].lower()] = (name, self._text(name))
        found = {}
        for alias, (name, url) in urls.items():
            if url and (parsed := self._try(name, _database, url)):
                found[alias] = hidden(parsed)
        if "default" not in found and "DATABASE_URL" not in self._problems:
            if is_build:
                return {"default": {"ENGINE": "django.db.backends.dummy"}}
            if not urls["default"][1]:
                self._problems["DATABASE_URL"] = UNSET
        return found

    def _search_urls(self) -> tuple[str, ...]:
        new, old = self._text("ELASTICSEARCH_URL"), self._text("ELASTICSEARCH_URLS")
        urls = new.split(",") if new else (old or "").split("|")
        found = tuple(Secret(url.strip()) for url in urls if url.strip())
        for url in found:
            self._try("ELASTICSEARCH_URL", _web_address, url)
        return found

    def _caches(self) -> dict[str, Any]:
        url = self._secret_url("REDIS_URL", _redis_address)
        hosts, index = self._text("REDIS_HOSTS"), self._int("REDIS_DB_INDEX", 0)
        if url is None and hosts:
            url = Secret(f"redis://{hosts.split('|')[0]}/{index}")
        if url:
            backend = "django.core.cache.backends.redis.RedisCache"
            return {"default": {"BACKEND": backend, "LOCATION": url}}
        if memcached := self._text("MEMCACHE_HOSTS"):
            return {
                "default": {
                    "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
                    "LOCATION": memcached.split("|"),
                    "KEY_PREFIX": self._text("MEMCACHE_PREFIX") or "",
                }
            }
        return {}

    def _email(self) -> dict[str, Any]:
        port, has_tls = (
            self._int("EMAIL_PORT", 25),
            self._bool("EMAIL_USE_TLS", default=False),
        )
        host = self._text("EMAIL_HOST")
        if not host:
            return {}
        return {
            "host": host,
            "port": port,
            "username": self._text("EMAIL_HOST_USER") or "",
            "password": Secret(self._text("EMAIL_HOST_PASSWORD") or ""),
            "use_tls": has_tls,
        }

    def _proxies(self) -> tuple[str, ...]:
        from ipaddress import ip_network

        listed = (self._text("TRUSTED_PROXIES") or "").split(",")
        found = tuple(proxy.strip() for proxy in listed if proxy.strip())
        for proxy in found:
            self._try(
                "TRUSTED_PROXIES", ip_network, proxy, "it holds no address or network"
            )
        return found

    def _logging(self) -> dict[str, Any]:
        level = self._one_of("LOG_LEVEL", LEVELS, "INFO")
        port, protocol = (
            self._int("SYSLOG_PORT", 514),
            self._one_of("SYSLOG_PROTO", ("udp", "tcp"), "udp"),
        )
        host = self._text("SYSLOG_SERVER")
        return logging_settings(level, (host, port, protocol) if host else None)

    def _text(self, name: str) -> str | None:
        return self._env.str(name, "") or None

    def _bool(self, name: str, *, default: bool) -> bool:
        value: object = self._env.bool(name, default) if self._text(name) else default
        if isinstance(value, bool):
            return value
        self._problems[name] = "it is neither true nor false"
        return default

    def _int(self, name: str, default: int) -> int:
        value: object = self._env.int(name, default) if self._text(name) else default
        # environs collects the error and returns None, or in older versions the text.
        if isinstance(value, int):
            return value
        self._problems[name] = "it is not a whole number"
        return default

    def _one_of(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self._text(name) or default
        if value not in choices:
            self._problems[name] = f"it is none of {', '.join(choices)}"
            return default
        return value

    def _checked(self, name: str, check: Callable[[str], Any]) -> str | None:
        value = self._text(name)
        if value:
            self._try(name, check, value)
        return value

    def _secret_url(self, name: str, check: Callable[[str], Any]) -> Secret | None:
        value = self._checked(name, check)
        return Secret(value) if value else None

    def _try(
        self, name: str, check: Callable[[str], Any], value: str, problem: str = ""
    ) -> Any:
        try:
            return check(value)
        except ValueError as error:
            # Only our own words: a parser's may quote the value.
            self._problems[name] = problem or str(error)
            return None


def _database(url: str) -> dict[str, Any]:
    try:
        split_url(url)
        return dict(dj_database_url.parse(url))
    except (ValueError, KeyError, dj_database_url.ParseError):
        message = f"it is no address of a database, or cannot be parsed: {_QUOTING}"
        raise ValueError(message) from None


def _web_address(url: str) -> None:
    _refuse_unless(url, ("http", "https"))


def _redis_address(url: str) -> None:
    _refuse_unless(url, ("redis", "rediss"))


def _refuse_unless(url: str, schemes: tuple[str, ...]) -> None:
    try:
        parts = split_url(url)
        is_usable = parts.scheme in schemes and bool(parts.hostname)
    except ValueError:
        is_usable = False
    if not is_usable:
        message = f"it is no {schemes[0]} address, or cannot be parsed: {_QUOTING}"
        raise ValueError(message)


def _host(domain: str) -> None:
    if not _HOST.fullmatch(domain):
        message = "it is not one host name"
        raise ValueError(message)


def _pattern(name: str) -> str:
    return name if name in EXAMPLES else "DB_*_URL"
