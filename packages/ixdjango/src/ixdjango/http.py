"""Requests and headers: the address of the client, query strings, parameters."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, QueryDict

__all__ = [
    "flat_auth_header_val_to_data",
    "flat_header_val_to_dict",
    "flatten_auth_header",
    "flatten_request_header",
    "querydict_to_dict",
    "remote_addr_from_request",
    "trusted_networks",
]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# RFC 9110, sections 5.6.2 (token) and 5.6.4 (quoted-string).
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a token of a grammar
_PARAMETER = re.compile(
    rf'\s*(?P<key>{_TOKEN})\s*=\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^",]*?))\s*'
    r"(?:,|\Z)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SCHEME = re.compile(rf"({_TOKEN})\s+(.*)", re.DOTALL)


def querydict_to_dict(querydict: QueryDict) -> dict[str, Any]:
    """Return a plain dictionary: a value, a list of several, or None for no value.

    Example:
        >>> from django.http import QueryDict
        >>> querydict_to_dict(QueryDict("a=1&b=2&b=3"))
        {'a': '1', 'b': ['2', '3']}
    """
    found: dict[str, Any] = {}
    for key, values in querydict.lists():
        found[str(key)] = values if len(values) > 1 else next(iter(values), None)
    return found


def trusted_networks(proxies: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks of proxies, given as addresses or networks.

    Raises:
        ImproperlyConfigured: one is neither.
    """
    try:
        return tuple(ipaddress.ip_network(proxy) for proxy in proxies)
    except ValueError as error:
        message = (
            f"IXDJANGO_TRUSTED_PROXIES: {error}; write '10.0.0.7' or '10.0.0.0/8'."
        )
        raise ImproperlyConfigured(message) from error


def remote_addr_from_request(
    request: HttpRequest | None, trusted_proxies: Iterable[str] | None = None
) -> str:
    """Return the address of the client.

    X-Forwarded-For counts only as far as trusted proxies wrote it: it is read from its
    end, and the first address that is no trusted proxy's is the client's. Whatever a
    client writes itself stands before that.

    Args:
        request: the request.
        trusted_proxies: addresses and networks; None means the setting
            `IXDJANGO_TRUSTED_PROXIES`, without which no proxy is trusted. A server
            behind a Unix socket has no peer address: its proxy is trusted if any is.

    Raises:
        TypeError: there is no request.
        ImproperlyConfigured: a proxy is neither an address nor a network.
    """
    if not isinstance(request, HttpRequest):
        message = f"expected a request, got {type(request).__name__}"
        raise TypeError(message)
    if trusted_proxies is None:
        trusted_proxies = getattr(settings, "IXDJANGO_TRUSTED_PROXIES", ())
    networks = trusted_networks(trusted_proxies)
    address = request.META.get("REMOTE_ADDR", "")
    if not networks:
        return str(address)
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while hops and (not address or _is_in(address, networks)):
        before = _address_of(hops.pop())
        if before is None:
            break
        address = before
    return str(address)


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in network for network in networks)


def _address_of(hop: str) -> str | None:
    # Some proxies add a port: 192.0.2.1:4711, [2001:db8::1]:4711.
    text = re.sub(r"\A\[(.*)\](?::\d+)?\Z|\A([^:]*):\d+\Z", r"\1\2", hop.strip())
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None


def flatten_request_header(header: object) -> str:
    """Return the parameters of a header as text; anything else as it is.

    Example:
        >>> flatten_request_header({"realm": "a, b", "qop": "auth"})
        'realm="a, b",qop="auth"'

    Raises:
        ValueError: a key is no token of HTTP, or a value holds a line break, which would
            begin another header.
    """
    if not isinstance(header, Mapping):
        return str(header)
    parts = []
    for key, values in header.items():
        for value in values if isinstance(values, list) else [values]:
            text = str(value)
            if not re.fullmatch(_TOKEN, str(key)) or re.search(r"[\r\n\0]", text):
                message = f"the parameter {key!r} of a header holds a line break or is no token"
                raise ValueError(message)
            escaped = text.replace("\\", "\\\\").replace('"', '\\"')
            parts.append(f'{key}="{escaped}"')
    return ",".join(parts)


def flatten_auth_header(headers_dict: object, auth_type: str) -> str:
    """Return the value of an authorization header."""
    return f"{auth_type} {flatten_request_header(headers_dict)}"


def flat_header_val_to_dict(header_val: str) -> dict[str, Any]:
    """Return the parameters of a header; {} if it is no list of `key=value`.

    A value may be quoted, and then hold commas, quotes and equals signs. The values of a
    key that stands there twice are a list.

    Example:
        >>> flat_header_val_to_dict('a="x,y",b="1=2"')
        {'a': 'x,y', 'b': '1=2'}
    """
    found: dict[str, Any] = {}
    place = 0
    while place < len(header_val):
        match = _PARAMETER.match(header_val, place)
        if match is None:
            return {}
        place = match.end()
        quoted = match["quoted"]
        value = match["plain"] if quoted is None else _ESCAPED.sub(r"\1", quoted)
        key = match["key"]
        if key not in found:
            found[key] = value
        elif isinstance(found[key], list):
            found[key].append(value)
        else:
            found[key] = [found[key], value]
    return found


def flat_auth_header_val_to_data(header_val: str) -> tuple[dict[str, Any], str | None]:
    """Return the parameters of an authorization header and its scheme, None without one.

    Example:
        >>> flat_auth_header_val_to_data('Digest realm="a b"')
        ({'realm': 'a b'}, 'Digest')
    """
    if (match := _SCHEME.fullmatch(header_val.strip())) and "=" not in match[1]:
        return flat_header_val_to_dict(match[2]), match[1]
    return flat_header_val_to_dict(header_val), None
