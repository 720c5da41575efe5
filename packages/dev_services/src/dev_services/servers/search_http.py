"""Talk to Elasticsearch as far as finding out whether it can be used."""

from __future__ import annotations

import base64
import http.client
import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, unquote

from dev_services.environment import split_url
from dev_services.exceptions import EnvironmentContractError, ServiceError

__all__ = ["SearchAddress", "ask", "search_version", "wait_until_ready"]

TIMEOUT_S = 10
POLL_S = 0.1
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class SearchAddress:
    """Where an Elasticsearch answers; shown without its password."""

    scheme: str
    host: str
    port: int
    path: str = ""
    credentials: str | None = None

    @classmethod
    def of(cls, url: str) -> SearchAddress:
        """Return the parts of `url`.

        Raises:
            EnvironmentContractError: it is no http or https URL.
        """
        try:
            parts = split_url(url)
            port = parts.port or PORTS[parts.scheme]
        except (KeyError, ValueError):
            parts, port = SplitResult("", "", "", "", ""), 0
        if not parts.hostname:
            message = (
                "ELASTICSEARCH_URL cannot be used; write http://USER:PASSWORD@HOST:PORT"
                " and percent-encode special characters in the password."
            )
            raise EnvironmentContractError(message)
        credentials = None
        if parts.username is not None:
            credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        path = parts.path.rstrip("/")
        return cls(parts.scheme, parts.hostname, port, path, credentials)

    @property
    def url(self) -> str:
        """The address without its password."""
        user = f"{self.credentials.partition(':')[0]}@" if self.credentials else ""
        return f"{self.scheme}://{user}{self}{self.path}"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"SearchAddress({self})"


def ask(address: SearchAddress, path: str) -> tuple[int, dict[str, Any]]:
    """Return the status and the decoded JSON of a GET request.

    No proxy of the environment is used, as the Python client uses none.

    Raises:
        OSError, http.client.HTTPException: nobody answers, or not in HTTP.
    """
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    connection = kinds[address.scheme](address.host, address.port, timeout=TIMEOUT_S)
    headers = {"Accept": "application/json"}
    if address.credentials is not None:
        token = base64.b64encode(address.credentials.encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    try:
        connection.request("GET", f"{address.path}{path}", headers=headers)
        response = connection.getresponse()
        status, body = response.status, response.read()
    finally:
        connection.close()
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    return status, answer if isinstance(answer, dict) else {}


def search_version(address: SearchAddress) -> str | None:
    """Return the version of the server at `address`, None where it stays unknown.

    Raises:
        ServiceError: it cannot be reached, or refuses the user; with the cure.
    """
    try:
        status, answer = ask(address, "/")
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            # A build without the module that answers at the root.
            status, answer = ask(address, "/_nodes/_local?filter_path=nodes.*.version")
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise _unusable(address, reason, "start it there, or correct it") from error
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        reason = f"HTTP {status}: wrong user or password"
        raise _unusable(address, reason, "correct it")
    if status != HTTPStatus.OK:
        raise _unusable(address, f"HTTP {status}", "correct it")
    versions = (node.get("version") for node in answer.get("nodes", {}).values())
    number: str | None = answer.get("version", {}).get("number")
    return number or next(versions, None)


def _unusable(address: SearchAddress, reason: str, cure: str) -> ServiceError:
    return ServiceError(
        f"ELASTICSEARCH_URL: Elasticsearch at {address} cannot be used ({reason});"
        f" {cure}, or unset ELASTICSEARCH_URL."
    )


def wait_until_ready(address: SearchAddress, timeout_s: float) -> None:
    """Wait until the state of the cluster is yellow or green.

    Raises:
        ServiceError: it is not so in time; says what the state is.
    """
    ends_at = time.monotonic() + timeout_s
    # A restart with data answers while its state is still red.
    path = "/_cluster/health?wait_for_status=yellow&timeout=2s"
    while True:
        try:
            status, answer = ask(address, path)
            state = str(answer.get("status", f"HTTP {status}"))
        except OSError as error:
            state = error.strerror or str(error)
        if state in ("yellow", "green"):
            return
        if time.monotonic() > ends_at:
            message = f"Elasticsearch at {address} is not ready in time: {state}."
            raise ServiceError(message)
        time.sleep(POLL_S)
