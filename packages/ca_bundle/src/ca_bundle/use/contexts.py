"""TLS contexts that trust one bundle, and nothing else, for the named hosts."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from ca_bundle.exceptions import ForeignHostError
from ca_bundle.use.bundles import load_into, unreadable
from ca_bundle.use.hosts import parse_host

__all__ = ["HostContext", "cached_context", "ssl_context"]


class _HostSocket(ssl.SSLSocket):
    """A socket whose handshake fails for a host that its context is not for."""

    def do_handshake(self, block: bool = False) -> None:
        _check_host(self.context, self.server_hostname)
        super().do_handshake(block)


class _HostObject(ssl.SSLObject):
    """The same for asyncio, which shakes hands in memory."""

    def do_handshake(self) -> None:
        _check_host(self.context, self.server_hostname)
        super().do_handshake()


def _check_host(context: ssl.SSLContext, server_hostname: str | None) -> None:
    hosts = context.hosts if isinstance(context, HostContext) else frozenset()
    if not hosts or (server_hostname and parse_host(server_hostname).name in hosts):
        return
    message = (
        f"this context is for {', '.join(sorted(hosts))} only, not for"
        f" {server_hostname}; use another one for other hosts"
    )
    raise ForeignHostError(message)


class HostContext(ssl.SSLContext):
    """A client's context that refuses to connect to any host but the named ones.

    It never has VERIFY_X509_PARTIAL_CHAIN: the anchors are the roots of the bundle, an
    intermediate only completes the chain. VERIFY_X509_STRICT is set as Python does, from
    3.13 on.
    """

    hosts: frozenset[str]
    sslsocket_class = _HostSocket
    sslobject_class = _HostObject

    def __new__(cls, hosts: Iterable[str] = ()) -> HostContext:
        """Make a client's context that trusts nothing yet."""
        self = super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)
        self.hosts = frozenset(parse_host(host).name for host in hosts)
        self.hostname_checks_common_name = False  # as urllib3 and RFC 9525 have it
        self.verify_flags |= ssl.VERIFY_X509_TRUSTED_FIRST
        if sys.version_info >= (3, 13):
            self.verify_flags |= ssl.VERIFY_X509_STRICT
        return self


def ssl_context(bundle: str | os.PathLike[str], *hosts: str) -> HostContext:
    """Return a new context that trusts `bundle` alone, for httpx, urllib or aiohttp.

    Args:
        bundle: a file of PEM certificates, as `ca_bundle build` writes it.
        hosts: the only hosts that it connects to; none of them stands for any host.

    Raises:
        BundleFileError: the file cannot be read or holds no certificate.
        HostNameError: one of `hosts` is not a host.

    Example:
        >>> context = ssl_context("api.example.com.pem", "api.example.com")
        >>> client = httpx.Client(verify=context)
    """
    context = HostContext(hosts)
    load_into(context, Path(bundle))
    return context


def cached_context(bundle: Path, client: str | None = None) -> HostContext:
    """Return the context of `bundle`, the same one until the file changes.

    Args:
        bundle: the file.
        client: names the client certificate that urllib3 will load into the context;
            contexts with different ones are never shared.
    """
    try:
        stat = bundle.stat()
    except OSError as error:
        raise unreadable(bundle, error) from error
    return _context_of_version(
        bundle, client, stat.st_mtime_ns, stat.st_size, stat.st_ino
    )


@lru_cache(maxsize=256)
def _context_of_version(bundle: Path, client: str | None, *version: int) -> HostContext:
    return ssl_context(bundle)
