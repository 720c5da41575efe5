"""Bundle files as OpenSSL reads them, and the certifi that they were built from."""

from __future__ import annotations

import hashlib
import os
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import certifi

from ca_bundle.exceptions import BundleFileError

__all__ = [
    "Bundle",
    "certifi_digest",
    "load_into",
    "read_bundle",
    "render_certifi_line",
    "unreadable",
]

REBUILD = "rebuild it with `ca_bundle build`"
CERTIFI_LINE = re.compile(rb"^# certifi-sha256: ([0-9a-f]{64})\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Bundle:
    """The certificates of a bundle file.

    Attributes:
        path: the file.
        authorities: one mapping for each CA, as `SSLContext.get_ca_certs` gives it.
        other_count: how many certificates are not of a CA.
        certifi_sha256: the digest of the certifi that its root comes from; None if the
            root is from elsewhere.
    """

    path: Path
    authorities: list[dict[str, Any]]
    other_count: int
    certifi_sha256: str | None


def read_bundle(path: str | os.PathLike[str]) -> Bundle:
    """Return what OpenSSL finds in a bundle file.

    Raises:
        BundleFileError: the file cannot be read or holds no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    load_into(context, Path(path))
    stats = context.cert_store_stats()
    authorities: list[dict[str, Any]] = context.get_ca_certs()
    line = CERTIFI_LINE.search(Path(path).read_bytes())
    return Bundle(
        path=Path(path),
        authorities=authorities,
        other_count=stats["x509"] - stats["x509_ca"],
        certifi_sha256=line[1].decode() if line else None,
    )


def load_into(context: ssl.SSLContext, path: Path) -> None:
    """Add the certificates of a bundle file to the trust of a context.

    Raises:
        BundleFileError: the file cannot be read or holds no certificate.
    """
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError as error:
        message = f"{path}: {_explain(path)}; {REBUILD}"
        raise BundleFileError(message) from error
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> BundleFileError:
    """Return the error of a bundle file that cannot be read."""
    reason = error.strerror or str(error)
    return BundleFileError(f"{path}: the bundle cannot be read: {reason}; {REBUILD}")


def certifi_digest() -> str:
    """Return the SHA-256 of certifi's file, which changes with its roots."""
    return hashlib.sha256(Path(certifi.where()).read_bytes()).hexdigest()


def render_certifi_line() -> str:
    """Return the line of a bundle that names the certifi of its root."""
    return f"# certifi-sha256: {certifi_digest()}"


def _explain(path: Path) -> str:
    content = path.read_bytes()
    if not content.strip():
        return "the bundle is empty"
    if b"-----BEGIN CERTIFICATE" in content:
        return "a certificate is damaged or cut off"
    if b"PRIVATE KEY" in content:
        return "it holds a private key instead of certificates"
    return "it holds no certificate in PEM"
