"""Render a declaration for container engines, editors and CI."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import yaml

from dev_services.choose.choice import RELEASES
from dev_services.declare.declaration import Declaration
from dev_services.exceptions import DeclarationError

__all__ = ["FORMATS", "container_command", "render"]

USER = "app"
_PYTHON = "3.13"
_NEWEST = {"postgresql": "18", "redis": "8"}
_PORTS = {"postgresql": 5432, "elasticsearch": 9200, "redis": 6379}
_HEALTH = {
    "postgresql": f"pg_isready --username {USER}",
    "elasticsearch": "curl --fail --silent http://localhost:9200/_cluster/health",
    "redis": "redis-cli ping",
}
_DATA = {
    # The image of version 18 keeps data in a folder for each major version.
    "postgresql": "/var/lib/postgresql",
    "elasticsearch": "/usr/share/elasticsearch/data",
    "redis": "/data",
}


def render(declaration: Declaration, form: str, command: Sequence[str] = ()) -> str:
    """Return the declared services in one of `FORMATS`.

    Raises:
        DeclarationError: no image is known for a declared version.
    """
    name = declaration.file.name if declaration.file else "the default services"
    made = FORMATS[form](declaration, command)
    if form == "devcontainer":
        return json.dumps(made, indent=2)
    said = f"# Made by `python -m dev_services render {form}` from {name}.\n"
    return said + yaml.safe_dump(made, sort_keys=False, allow_unicode=True).rstrip()


def container_command(service: str, version: int | None) -> str:
    """Return the command line of a container that gives the service on this machine."""
    port, environment = _PORTS[service], _environment(service, "CHOOSE-A-PASSWORD")
    words = ["docker", "run", "--rm", "--detach", f"--publish=127.0.0.1:{port}:{port}"]
    words += [f"--env={name}={value}" for name, value in environment.items()]
    return " ".join([*words, _image(service, version)])


def _compose(declaration: Declaration, command: Sequence[str]) -> dict[str, Any]:
    password = "${POSTGRES_PASSWORD:?set it in .env}"  # noqa: S105  # a placeholder
    services: dict[str, Any] = {}
    for service, version in declaration.versions.items():
        port = _PORTS[service]
        services[service] = {
            "image": _image(service, version),
            "environment": _environment(service, password),
            "ports": [f"127.0.0.1:{port}:{port}"],
            "volumes": [f"{service}:{_DATA[service]}"],
            "healthcheck": {
                "test": ["CMD-SHELL", _HEALTH[service]],
                "interval": "2s",
                "timeout": "5s",
                "retries": 30,
            },
        }
        if not services[service]["environment"]:
            del services[service]["environment"]
    healthy = {name: {"condition": "service_healthy"} for name in services}
    # Started by name only, for the editor: not by `docker compose up`.
    services["workspace"] = {
        "image": f"mcr.microsoft.com/devcontainers/python:{_PYTHON}",
        "profiles": ["devcontainer"],
        "command": ["sleep", "infinity"],
        "volumes": [".:/workspace"],
        "environment": _variables(declaration, password, hosts=True),
        "depends_on": healthy,
    }
    volumes = dict.fromkeys(declaration.versions)
    named = {"name": declaration.name.lower()} if declaration.name else {}
    return {**named, "services": services, "volumes": {v: {} for v in volumes}}


def _devcontainer(declaration: Declaration, command: Sequence[str]) -> dict[str, Any]:
    made = {
        "name": declaration.name or "workspace",
        "dockerComposeFile": "../compose.yaml",
        "service": "workspace",
        "runServices": ["workspace"],
        "workspaceFolder": "/workspace",
        "remoteUser": "vscode",
    }
    if command:
        made["postCreateCommand"] = " ".join(command)
    return made


def _github(declaration: Declaration, command: Sequence[str]) -> dict[str, Any]:
    services = {}
    for service, version in declaration.versions.items():
        port = _PORTS[service]
        checks = (
            f'--health-cmd "{_HEALTH[service]}" --health-interval 2s'
            " --health-timeout 5s --health-retries 30"
        )
        services[service] = {
            "image": _image(service, version),
            "env": _environment(service, "only-in-this-run"),
            "ports": [f"{port}:{port}"],
            "options": checks,
        }
        if not services[service]["env"]:
            del services[service]["env"]
    job = {
        "runs-on": "ubuntu-latest",
        "services": services,
        "env": _variables(declaration, "only-in-this-run", hosts=False),
        "steps": [
            {"uses": "actions/checkout@v5"},
            {"uses": "actions/setup-python@v6", "with": {"python-version": _PYTHON}},
            {"run": " ".join(command) or "python -m pytest"},
        ],
    }
    return {"name": "test", "on": ["push", "pull_request"], "jobs": {"test": job}}


FORMATS: dict[str, Callable[[Declaration, Sequence[str]], dict[str, Any]]] = {
    "compose": _compose,
    "devcontainer": _devcontainer,
    "github": _github,
}


def _image(service: str, version: int | None) -> str:
    if service != "elasticsearch":
        image = {"postgresql": "postgres", "redis": "redis"}[service]
        return f"{image}:{version or _NEWEST[service]}"
    for release in RELEASES:
        if version in (None, release.major):
            repository = "docker.elastic.co/elasticsearch/elasticsearch"
            return f"{repository}:{release.version}"
    majors = " and ".join(str(release.major) for release in reversed(RELEASES))
    message = f"no image of Elasticsearch {version} is known; there are {majors}."
    raise DeclarationError(message)


def _environment(service: str, password: str) -> dict[str, str]:
    if service == "postgresql":
        return {"POSTGRES_USER": USER, "POSTGRES_PASSWORD": password}
    if service == "elasticsearch":
        # It is reached from this machine only.
        return {"discovery.type": "single-node", "xpack.security.enabled": "false"}
    return {}


def _variables(
    declaration: Declaration, password: str, *, hosts: bool
) -> dict[str, str]:
    found = dict(declaration.environment)
    for service in declaration.versions:
        host = f"{service if hosts else 'localhost'}:{_PORTS[service]}"
        name, value = {
            "postgresql": (
                "DATABASE_URL",
                f"postgresql://{USER}:{password}@{host}/{USER}",
            ),
            "elasticsearch": ("ELASTICSEARCH_URL", f"http://{host}"),
            "redis": ("REDIS_URL", f"redis://{host}/0"),
        }[service]
        found[name] = value
    return found
