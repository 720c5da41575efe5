"""Find the path from a server's certificate to a trusted root (RFC 4158).

Issuers are found by name and signature, never by name alone: two authorities may have
the same name, and one key may have several certificates (cross-signing).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

__all__ = ["CertificatePath", "find_path", "is_issued_by", "is_self_signed"]

MAX_LENGTH = 10
MAX_CANDIDATES = 4096  # a server may send any number of certificates
MAX_PATHS = 64


@dataclass(frozen=True)
class CertificatePath:
    """A server's certificate and its issuers, each signed by the next one.

    Attributes:
        certificates: the server's own first.
        is_trusted: the last one is a trusted root.
    """

    certificates: tuple[x509.Certificate, ...]
    is_trusted: bool

    @property
    def leaf(self) -> x509.Certificate:
        """Return the server's own certificate."""
        return self.certificates[0]

    @property
    def top(self) -> x509.Certificate:
        """Return the certificate farthest from the server's."""
        return self.certificates[-1]

    @property
    def issuers(self) -> tuple[x509.Certificate, ...]:
        """Return all but the server's own certificate."""
        return self.certificates[1:]

    @property
    def lacks_issuer(self) -> bool:
        """Tell whether it ends at a certificate whose issuer is not known."""
        return not self.is_trusted and not is_self_signed(self.top)


def find_path(
    leaf: x509.Certificate,
    candidates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    now: datetime.datetime,
) -> CertificatePath:
    """Return the best path: trusted before untrusted, valid before expired, short first.

    Args:
        leaf: the server's certificate.
        candidates: intermediates that may be on the path, trusted by nobody.
        roots: where a path may end.
        now: an aware time.
    """
    pool = [*roots, *candidates[:MAX_CANDIDATES]]
    trusted = frozenset(roots)

    def cost(path: CertificatePath) -> tuple[bool, int, int]:
        bad = sum(not _is_sound_at(cert, now) for cert in path.issuers)
        length = len(path.certificates)
        return not path.is_trusted, bad, length if path.is_trusted else -length

    return min(islice(_walk((leaf,), pool, trusted), MAX_PATHS), key=cost)


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is signed with its own key."""
    return is_issued_by(certificate, certificate)


@lru_cache(maxsize=4096)
def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Tell whether the names agree and the issuer's key made the signature.

    The signatures of SHA-1 and older, which cryptography does not verify any more, are
    told by the key identifiers; `faults` refuses each such certificate.
    """
    if certificate.issuer != issuer.subject:
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
    except (TypeError, InvalidSignature):
        return False
    except (ValueError, UnsupportedAlgorithm):
        return _names_key_of(certificate, issuer)
    return True


def _names_key_of(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        authority = certificate.extensions.get_extension_for_class(
            x509.AuthorityKeyIdentifier
        ).value
        subject = issuer.extensions.get_extension_for_class(
            x509.SubjectKeyIdentifier
        ).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return authority.key_identifier == subject.digest


def _walk(
    path: tuple[x509.Certificate, ...],
    pool: Sequence[x509.Certificate],
    trusted: frozenset[x509.Certificate],
) -> Iterator[CertificatePath]:
    top = path[-1]
    if top in trusted:
        yield CertificatePath(path, is_trusted=True)
        return
    issuers = [
        item
        for item in dict.fromkeys(pool)
        if item.subject == top.issuer and item not in path and is_issued_by(top, item)
    ]
    if not issuers or len(path) == MAX_LENGTH:
        yield CertificatePath(path, is_trusted=False)
        return
    for issuer in issuers:
        yield from _walk((*path, issuer), pool, trusted)


def _is_sound_at(certificate: x509.Certificate, now: datetime.datetime) -> bool:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return start <= now <= end
