"""Ask a server for its chain, and OpenSSL for its verdict on it.

`get_unverified_chain` is public from Python 3.13 on; before, the same function of the C
object is used, a private name that 3.10 to 3.12 have (tests/read/test_handshake.py).
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca_bundle.exceptions import UnreachableError
from ca_bundle.use.hosts import HTTPS_PORT, Host

__all__ = [
    "LENIENT_FLAGS",
    "ROOTED_FLAGS",
    "STRICT_FLAGS",
    "Verdict",
    "capture_chain",
    "verify",
]

# ssl.create_default_context sets these up to Python 3.12, and from 3.13 on.
LENIENT_FLAGS = ssl.VERIFY_X509_TRUSTED_FIRST
STRICT_FLAGS = LENIENT_FLAGS | ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
# The contexts of `use` from 3.13 on: the root, too, must keep the strict rules.
ROOTED_FLAGS = LENIENT_FLAGS | ssl.VERIFY_X509_STRICT
NOT_A_CERTIFICATE_ERROR = -1
ENCODING_DER = 2  # _ssl.ENCODING_DER
HTTP_ANSWERS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")


@dataclass(frozen=True)
class Verdict:
    """OpenSSL's answer to a handshake.

    Attributes:
        code: X509_V_OK (0), another X509_V_ERR code, or -1 if the handshake failed for
            a reason that is not the certificate's.
        message: OpenSSL's words; empty if the chain verifies.
    """

    code: int
    message: str = ""

    @property
    def is_ok(self) -> bool:
        """Tell whether the chain verifies."""
        return self.code == 0


def capture_chain(host: Host, timeout_s: float) -> list[x509.Certificate]:
    """Return the certificates as the server sends them, its own first, unverified.

    Raises:
        UnreachableError: there is no such host, no server, or no TLS.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # To look at weak certificates, too: nothing is sent on this connection.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with _connect(host, timeout_s) as connection:
        try:
            with context.wrap_socket(connection, server_hostname=host.name) as tls:
                chain = _unverified_chain(tls)
        except OSError as error:  # ssl.SSLError is one
            message = f"{host}: {_explain_tls(error)}"
            raise UnreachableError(message) from error
    return _parse_chain(host, chain)


def verify(
    host: Host, roots: Iterable[x509.Certificate], flags: int, timeout_s: float
) -> Verdict:
    """Return OpenSSL's verdict if `roots` are trusted and nothing else.

    The flags are LENIENT_FLAGS or STRICT_FLAGS.

    Raises:
        UnreachableError: there is no server any more.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags = ssl.VerifyFlags(flags)
    context.hostname_checks_common_name = False  # as urllib3 and RFC 9525 have it
    context.load_verify_locations(
        cadata=b"".join(root.public_bytes(Encoding.DER) for root in roots)
    )
    with _connect(host, timeout_s) as connection:
        try:
            context.wrap_socket(connection, server_hostname=host.name).close()
        except ssl.SSLCertVerificationError as error:
            return Verdict(error.verify_code, error.verify_message)
        except OSError as error:
            return Verdict(NOT_A_CERTIFICATE_ERROR, _explain_tls(error))
    return Verdict(0)


def _connect(host: Host, timeout_s: float) -> socket.socket:
    address = (host.name, host.port or HTTPS_PORT)
    try:
        return socket.create_connection(address, timeout=timeout_s)
    except socket.gaierror as error:
        message = f"{host}: the name cannot be resolved: {error.strerror}"
        raise UnreachableError(message) from error
    except TimeoutError as error:
        message = f"{host}: no answer within {timeout_s:g} s"
        raise UnreachableError(message) from error
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        message = f"{host}: cannot connect: {reason}"
        raise UnreachableError(message) from error


def _parse_chain(host: Host, chain: list[bytes]) -> list[x509.Certificate]:
    """Return what can be read; the server's own certificate has to be."""
    parsed = []
    for der in chain:
        try:
            parsed.append(x509.load_der_x509_certificate(der))
        except (ValueError, x509.InvalidVersion) as error:  # noqa: PERF203
            if not parsed:
                message = f"{host}: sends a certificate that cannot be read: {error}"
                raise UnreachableError(message) from error
    return parsed


def _unverified_chain(tls: ssl.SSLSocket) -> list[bytes]:
    if hasattr(tls, "get_unverified_chain"):
        return list(tls.get_unverified_chain())
    inner: Any = tls._sslobj  # type: ignore[attr-defined]
    return [item.public_bytes(ENCODING_DER) for item in inner.get_unverified_chain()]


def _explain_tls(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "the TLS handshake was not answered in time"
    if isinstance(error, ssl.SSLError):
        reason = error.reason or str(error)
        if reason in HTTP_ANSWERS:
            return "the server does not speak TLS on this port"
        return f"the TLS handshake failed: {reason.replace('_', ' ').lower()}"
    return f"the TLS handshake failed: {error.strerror or error}"
