"""Read what a project declared for Forklift, and give it Forklift's variables.

Source: the README of docker-forklift 0.2.52, "Services and environment".
"""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from dev_services.environment import search_urls
from dev_services.exceptions import DeclarationError
from dev_services.machine.narrate import say

__all__ = ["converted", "variables"]

# Forklift's name of a service, ours, and the parameters that a file may override.
_SERVICES = {
    "postgres": ("postgresql", ("host", "port", "user", "password", "name")),
    "elasticsearch": ("elasticsearch", ("urls", "index_name")),
    "redis": ("redis", ("host", "db_index")),
}
# How Forklift ran a command in a container: of no meaning without one.
_DRIVER = (
    *("driver", "docker", "rm", "privileged", "interactive", "storage", "mount-root"),
    *("serve_port", "transient", "cleanroom", "user", "identity", "host-uid"),
)


def converted(read: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """Return the content of a `forklift.yaml` in the form of `dev_services.yaml`.

    Raises:
        DeclarationError: it names a service or a parameter that is not given.
    """
    listed = read.get("services") or []
    known = ("services", "environment", "application_id", *_SERVICES, *_DRIVER)
    for key in read:
        if key not in known:
            message = f"{file}: {key!r} is unknown; Forklift reads {', '.join(known)}."
            raise DeclarationError(message)
        if key in _DRIVER:
            say(f"{file.name}: {key} is left out: the command runs in no container")
    for service in listed:
        if service not in _SERVICES:
            message = (
                f"{file}: the service {service!r} is not given; there are"
                f" {', '.join(_SERVICES)}. Set its variables under `environment`."
            )
            raise DeclarationError(message)
    environment = dict(read.get("environment") or {})
    for service, (_, parameters) in _SERVICES.items():
        if given := read.get(service):
            _refuse_unknown(service, given, parameters, file)
            environment.update(_addresses(service, given, read))
    return {
        "name": read.get("application_id"),
        "services": [_SERVICES[service][0] for service in listed],
        "environment": environment,
    }


def _refuse_unknown(
    service: str, given: Any, parameters: tuple[str, ...], file: Path
) -> None:
    unknown = [key for key in given if key not in parameters]
    if unknown or not isinstance(given, Mapping):
        shown = unknown[0] if unknown else given
        message = (
            f"{file}: {service}: {shown!r} is unknown; there are"
            f" {', '.join(parameters)}."
        )
        raise DeclarationError(message)


def _addresses(
    service: str, given: Mapping[str, Any], read: Mapping[str, Any]
) -> dict[str, str]:
    if service == "postgres":
        name = given.get("name") or read.get("application_id") or Path.cwd().name
        user, password = given.get("user", name), given.get("password")
        login = quote(user, safe="") + (
            f":{quote(password, safe='')}" if password else ""
        )
        host, port = given.get("host", "localhost"), given.get("port", "5432")
        url = f"postgresql://{login}@{quote(host, safe='')}:{port}/{quote(name)}"
        return {"DATABASE_URL": url}
    if service == "redis":
        host, index = given.get("host", "localhost:6379"), given.get("db_index", "0")
        return {"REDIS_URL": f"redis://{host}/{index}"}
    found = {}
    if urls := given.get("urls"):
        listed = [urls] if isinstance(urls, str) else urls
        found["ELASTICSEARCH_URL"] = ",".join(listed)
    if index := given.get("index_name"):
        found["ELASTICSEARCH_INDEX_NAME"] = index
    return found


def variables(environ: Mapping[str, str], name: str) -> dict[str, str]:
    """Return Forklift's variables for the services in `environ`."""
    named = {
        "ENVIRONMENT": "dev_local",
        "DEVNAME": getpass.getuser(),
        "SITE_DOMAIN": "localhost:8000",
        "SITE_PROTOCOL": "http",
    }
    if url := environ.get("DATABASE_URL"):
        named["DB_DEFAULT_URL"] = url
    if urls := search_urls(environ):
        named["ELASTICSEARCH_URLS"] = "|".join(urls)
        named["ELASTICSEARCH_INDEX_NAME"] = name
    if url := environ.get("REDIS_URL"):
        parts = urlsplit(url)
        named["REDIS_HOSTS"] = f"{parts.hostname}:{parts.port or 6379}"
        named["REDIS_DB_INDEX"] = parts.path.strip("/") or "0"
    return named
