"""The roots that are trusted: certifi's, the system's, or those of a file."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import certifi
from cryptography import x509

from ca_bundle.exceptions import CertificateReadError
from ca_bundle.read.certificates import fingerprint, read_certificates

__all__ = ["CERTIFI", "DEFAULT_ROOTS", "SYSTEM", "Trust", "load_trust"]

CERTIFI = "certifi"
SYSTEM = "system"
DEFAULT_ROOTS = (CERTIFI, SYSTEM)


@dataclass(frozen=True)
class Trust:
    """The trusted roots, and the store that each comes from.

    Attributes:
        roots: the certificates, those of the store named first in front.
        sources: name of the store (`certifi`, `system` or a path) by fingerprint.
    """

    roots: list[x509.Certificate]
    sources: dict[str, str] = field(repr=False)

    def find_source(self, certificate: x509.Certificate) -> str | None:
        """Return the store that holds a certificate, or None."""
        return self.sources.get(fingerprint(certificate))


def load_trust(names: Sequence[str] = DEFAULT_ROOTS) -> Trust:
    """Return the roots of the named stores, each certificate once.

    Args:
        names: `certifi`, `system`, or the path of a file of roots.

    Raises:
        CertificateReadError: a file cannot be read, or no store holds a certificate.
    """
    roots: list[x509.Certificate] = []
    sources: dict[str, str] = {}
    for name in names:
        for certificate in _read_store(name):
            mark = fingerprint(certificate)
            if mark not in sources:
                sources[mark] = name
                roots.append(certificate)
    if not roots:
        message = f"{', '.join(names)}: no trusted roots; pass --roots FILE"
        raise CertificateReadError(message)
    return Trust(roots, sources)


def _read_store(name: str) -> Iterable[x509.Certificate]:
    if name == CERTIFI:
        return read_certificates(Path(certifi.where()))
    if name != SYSTEM:
        return read_certificates(Path(name))
    # Also heeds SSL_CERT_FILE and SSL_CERT_DIR, as OpenSSL does.
    paths = ssl.get_default_verify_paths()
    files = [Path(paths.cafile)] if paths.cafile else []
    if not files and paths.capath:
        files = sorted(path for path in Path(paths.capath).iterdir() if path.is_file())
    return _read_all(files)


def _read_all(files: Iterable[Path]) -> Iterable[x509.Certificate]:
    for file in files:
        try:
            yield from read_certificates(file)
        except CertificateReadError:  # noqa: PERF203
            continue  # a folder of the system holds other files, too; OpenSSL skips them
