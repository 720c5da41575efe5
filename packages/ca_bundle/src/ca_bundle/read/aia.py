"""Fetch the certificate of an issuer from the address that a certificate names.

The address (Authority Information Access, RFC 5280 section 4.2.2.1) stands in a
certificate that nothing has verified yet, so whoever runs the server chooses it. Every
request has a limit of time, size and redirects, goes to public addresses only, and to
the very address that was checked; no proxy is used and no credential is sent.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from ca_bundle.exceptions import CertificateReadError, FetchError
from ca_bundle.read.certificates import describe, parse_certificates

__all__ = ["FetchLimits", "fetch_issuers", "find_issuer_urls", "is_public_address"]

PORTS = {"http": 80, "https": 443}
REDIRECTS = {301, 302, 303, 307, 308}
MAX_URLS = 4
HEADER_END = b"\r\n\r\n"
CONTENT_LENGTH = re.compile(
    rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class FetchLimits:
    """What the answer for one certificate may cost.

    Attributes:
        seconds: from the look-up of the name to the last byte, redirects included.
        size_bytes: of one answer, its header included.
        redirects: how many are followed.
    """

    seconds: float = 5.0
    size_bytes: int = 64 * 1024
    redirects: int = 4


@dataclass(frozen=True)
class _Answer:
    status: int
    location: str
    body: bytes


def is_public_address(address: str) -> bool:
    """Tell whether an IP address is on the public internet.

    Private, loopback, link-local (cloud metadata), shared and multicast addresses are
    not, nor are IPv6 forms of such IPv4 addresses.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if ip.teredo is not None:
            return False
        if inner is not None:
            return is_public_address(str(inner))
    return ip.is_global and not ip.is_multicast


def find_issuer_urls(certificate: x509.Certificate) -> list[str]:
    """Return the http and https addresses of the issuer's certificate, at most four."""
    try:
        access = certificate.extensions.get_extension_for_class(
            x509.AuthorityInformationAccess
        ).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    urls = [
        item.access_location.value
        for item in access
        if item.access_method == AuthorityInformationAccessOID.CA_ISSUERS
        and isinstance(item.access_location, x509.UniformResourceIdentifier)
    ]
    return [url for url in urls if _scheme(url) in PORTS][:MAX_URLS]


def fetch_issuers(
    certificate: x509.Certificate,
    *,
    is_allowed: Callable[[str], bool] = is_public_address,
    limits: FetchLimits = FetchLimits(),
) -> list[x509.Certificate]:
    """Return the candidates for the issuer of a certificate; none of them is trusted.

    Args:
        certificate: its addresses are tried in turn, until one gives an answer.
        is_allowed: tells of an IP address whether it may be connected to.
        limits: for all of its addresses together.

    Raises:
        FetchError: no address gave a certificate, or only a self-signed one, which is a
            root: trust is never taken from the network.
    """
    deadline = time.monotonic() + limits.seconds
    reasons = []
    for url in find_issuer_urls(certificate):
        try:
            return _fetch_candidates(url, is_allowed, limits, deadline)
        except FetchError as error:  # noqa: PERF203 - the next address has its turn
            reasons.append(str(error))
    name = describe(certificate)
    raise FetchError(
        "; ".join(reasons) or f"{name} names no address of its issuer's certificate"
    )


def _fetch_candidates(
    url: str, is_allowed: Callable[[str], bool], limits: FetchLimits, deadline: float
) -> list[x509.Certificate]:
    try:
        found = parse_certificates(_get(url, is_allowed, limits, deadline), url)
    except CertificateReadError as error:
        raise FetchError(str(error)) from error
    candidates = [item for item in found if item.subject != item.issuer]
    if not candidates:
        message = (
            f"{url}: gives {describe(found[0])}, which is self-signed: a root is never"
            " taken from the network, pass it with --roots if you trust it"
        )
        raise FetchError(message)
    return candidates


def _get(
    url: str, is_allowed: Callable[[str], bool], limits: FetchLimits, deadline: float
) -> bytes:
    for _ in range(limits.redirects + 1):
        answer = _request(url, is_allowed, limits, deadline)
        if answer.status == http.HTTPStatus.OK:
            return answer.body
        if answer.status not in REDIRECTS:
            message = f"{url}: answers {answer.status}"
            raise FetchError(message)
        url = _follow(url, answer.location)
    message = f"{url}: redirected more than {limits.redirects} times"
    raise FetchError(message)


def _follow(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        message = f"{url}: redirects to {location!r}: {error}"
        raise FetchError(message) from error


def _request(
    url: str, is_allowed: Callable[[str], bool], limits: FetchLimits, deadline: float
) -> _Answer:
    """Send one GET to the address that was checked; return the whole answer."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
        name = (parts.hostname or "").encode("idna").decode()
    except ValueError as error:
        message = f"{url!r}: not an address: {error}"
        raise FetchError(message) from error
    if not port or not name:
        message = f"{url!r}: not an http or https address"
        raise FetchError(message)
    address = _resolve(url, name, port, is_allowed, deadline)
    try:
        plain = socket.create_connection((address, port), _left(deadline))
        with plain, _secure(plain, parts, name, deadline) as connection:
            connection.sendall(_render_request(parts))
            content = _read_answer(connection, url, limits, deadline)
        return _parse_answer(content)
    except FetchError:
        raise
    except TimeoutError as error:
        message = f"{url}: took longer than {limits.seconds:g} s"
        raise FetchError(message) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        message = f"{url}: {error}"
        raise FetchError(message) from error


def _resolve(
    url: str,
    name: str,
    port: int,
    is_allowed: Callable[[str], bool],
    deadline: float,
) -> str:
    """Look the name up once; refuse it if any of its addresses is not allowed."""
    answers: list[Any] = []

    def look_up() -> None:
        try:
            answers.append(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
        except OSError as error:
            answers.append(error)

    # getaddrinfo takes no time limit; a daemon thread does not keep the program alive.
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(_left(deadline))
    found = answers[0] if answers else "no answer in time"
    if not isinstance(found, list):
        message = f"{url}: the name cannot be resolved: {found}"
        raise FetchError(message)
    addresses = [str(item[4][0]) for item in found]
    for address in addresses:
        if not is_allowed(address):
            message = f"{url}: {address} is not a public address"
            raise FetchError(message)
    return addresses[0]


def _secure(
    plain: socket.socket, parts: SplitResult, name: str, deadline: float
) -> socket.socket:
    if parts.scheme != "https":
        return plain
    plain.settimeout(_left(deadline))
    return ssl.create_default_context().wrap_socket(plain, server_hostname=name)


def _render_request(parts: SplitResult) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rpartition("@")[2]
    if not f"{path}{host}".isascii() or re.search(r"[\s\x00-\x1f\x7f]", path + host):
        message = f"{parts.geturl()!r}: holds characters that an address cannot have"
        raise FetchError(message)
    # HTTP/1.0: the answer ends with the connection and is not sent in chunks.
    return (
        f"GET {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n"
        "Accept: application/pkix-cert, application/pkcs7-mime\r\n"
        "Accept-Encoding: identity\r\nUser-Agent: ca_bundle\r\n\r\n"
    ).encode("ascii")


def _read_answer(
    connection: socket.socket, url: str, limits: FetchLimits, deadline: float
) -> bytes:
    answer = bytearray()
    while not _is_complete(answer):
        connection.settimeout(_left(deadline))
        piece = connection.recv(16 * 1024)
        if not piece:
            break
        answer += piece
        if len(answer) > limits.size_bytes:
            message = f"{url}: larger than {limits.size_bytes} bytes"
            raise FetchError(message)
    return bytes(answer)


def _is_complete(answer: bytearray) -> bool:
    end = answer.find(HEADER_END)
    if end < 0:
        return False
    length = CONTENT_LENGTH.search(answer, 0, end + 2)
    return bool(length) and len(answer) >= end + len(HEADER_END) + int(length[1])  # type: ignore[index]


class _Received(io.BytesIO):
    """Received bytes in the place of the socket that http.client reads from."""

    def makefile(self, *args: Any, **kwargs: Any) -> io.BytesIO:
        return self


def _parse_answer(content: bytes) -> _Answer:
    response = http.client.HTTPResponse(_Received(content))  # type: ignore[arg-type]
    response.begin()
    location = response.getheader("Location", "")
    return _Answer(response.status, location, response.read())


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _scheme(url: str) -> str:
    return url.partition(":")[0].lower()
