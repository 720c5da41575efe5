"""Names of hosts with an optional port, as settings and command lines give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import TypeVar
from urllib.parse import urlsplit

import idna

from ca_bundle.exceptions import HostNameError

__all__ = ["HTTPS_PORT", "Host", "find_for_url", "parse_host"]

HTTPS_PORT = 443
Value = TypeVar("Value")


@dataclass(frozen=True)
class Host:
    """A host in lower case and ASCII, and its port; None stands for every port."""

    name: str
    port: int | None = None

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port is None else f"{name}:{self.port}"


def parse_host(text: str) -> Host:
    """Return the host that `text` names: `HOST`, `HOST:PORT`, `::1` or `[::1]:PORT`.

    Raises:
        HostNameError: it is an address with a scheme or a path, a pattern, or not a
            name at all.
    """
    problem = _find_problem(text)
    if problem:
        message = f"{text!r} is not a host: {problem}"
        raise HostNameError(message)
    if _is_ipv6(text):
        return Host(_normalize(text))
    try:
        parts = urlsplit(f"//{text}")
        name, port = _normalize(parts.hostname or ""), parts.port
    except ValueError as error:
        message = f"{text!r} is not a host: {error}"
        raise HostNameError(message) from error
    if not name or port == 0 or text.endswith(":"):
        message = f"{text!r} is not a host: write HOST or HOST:PORT"
        raise HostNameError(message)
    return Host(name, port)


def find_for_url(values: Mapping[Host, Value], url: str) -> Value | None:
    """Return the value for the host and port of an https URL; None if it has none.

    A host with its port goes before the same host without one.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    name = _normalize(parts.hostname)
    exact = values.get(Host(name, parts.port or HTTPS_PORT))
    return values.get(Host(name)) if exact is None else exact


def _find_problem(text: str) -> str:
    if "://" in text or "/" in text:
        return "leave out the scheme and the path"
    if "*" in text:
        return "patterns are not supported, name each host"
    if "@" in text or not text.strip() or text != text.strip() or " " in text:
        return "write HOST or HOST:PORT"
    return ""


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _normalize(name: str) -> str:
    name = name.lower().rstrip(".")
    if _is_ipv6(name):
        return IPv6Address(name).compressed  # one address has many spellings
    # idna.IDNAError is a UnicodeError, so a ValueError.
    return name if name.isascii() else idna.encode(name, uts46=True).decode()
