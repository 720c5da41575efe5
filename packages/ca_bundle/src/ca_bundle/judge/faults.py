"""The rules that each certificate of a path must keep, as OpenSSL applies them.

Sources: RFC 5280, sections 4.2.1 and 6.1; OpenSSL 3.0, crypto/x509/x509_vfy.c, whose
function check_extensions has what X509_V_FLAG_X509_STRICT adds.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from urllib3.util.ssl_match_hostname import CertificateError, match_hostname

from ca_bundle.judge.paths import CertificatePath

__all__ = ["Code", "Fault", "find_faults", "find_issuer_faults", "names_of"]

# Python's default contexts are at OpenSSL's security level 2: 112 bits.
MIN_RSA_BITS = 2048
MIN_EC_BITS = 224
WEAK_HASHES = {"md2", "md4", "md5", "sha1"}
ANY_PURPOSE = {
    ExtendedKeyUsageOID.SERVER_AUTH,
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
}
Kind = TypeVar("Kind", bound=x509.ExtensionType)


class Code:
    """The stable names of all defects, which `--json` shows."""

    INTERMEDIATE_MISSING = "intermediate-missing"
    ROOT_UNKNOWN = "root-unknown"
    SELF_SIGNED = "self-signed"
    SIGNATURE = "signature-invalid"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    HOST_NAME = "host-name"
    KEY_USAGE = "key-usage"
    NOT_A_CA = "not-a-ca"
    PATH_LENGTH = "path-length"
    WEAK = "weak"
    STRICT = "strict"
    TLS = "tls"
    OTHER_PATH = "other-path"
    OTHER = "openssl"


@dataclass(frozen=True)
class Fault:
    """A rule that a certificate breaks.

    Attributes:
        code: one of Code.
        certificate: the one that breaks it.
        message: a sentence without the certificate's name, such as "expired on ...".
    """

    code: str
    certificate: x509.Certificate
    message: str


def find_faults(
    path: CertificatePath, host: str, now: datetime.datetime
) -> Iterator[Fault]:
    """Yield the broken rules of every certificate of a path, the server's first."""
    yield from _find_leaf_faults(path.leaf, host)
    for depth, certificate in enumerate(path.certificates):
        yield from _find_date_faults(certificate, now)
        yield from _find_weakness(certificate)
        if depth:
            is_root = path.is_trusted and certificate is path.top
            yield from _find_authority_faults(certificate, depth, is_root=is_root)
    for depth, certificate in enumerate(path.certificates):
        for problem in _find_strict_problems(path, depth):
            yield Fault(Code.STRICT, certificate, problem)


def find_issuer_faults(
    certificate: x509.Certificate, now: datetime.datetime
) -> Iterator[Fault]:
    """Yield what forbids to put a certificate into a bundle."""
    yield from _find_authority_faults(certificate, depth=1, is_root=False)
    yield from _find_date_faults(certificate, now)
    yield from _find_weakness(certificate)


def names_of(certificate: x509.Certificate) -> list[str]:
    """Return the DNS names and IP addresses that a certificate is for."""
    return [value for _, value in _alternative_names(certificate)]


def _alternative_names(certificate: x509.Certificate) -> list[tuple[str, str]]:
    names = _extension(certificate, x509.SubjectAlternativeName)
    if names is None:
        return []
    dns = [("DNS", name) for name in names.get_values_for_type(x509.DNSName)]
    ips = names.get_values_for_type(x509.IPAddress)
    return dns + [("IP Address", str(ip)) for ip in ips]


def _find_leaf_faults(leaf: x509.Certificate, host: str) -> Iterator[Fault]:
    alternatives = _alternative_names(leaf)
    try:
        match_hostname({"subjectAltName": tuple(alternatives)}, host)
    except (CertificateError, ValueError):
        names = ", ".join(value for _, value in alternatives[:5])
        more = len(alternatives) - 5
        listed = f"{names} and {more} more" if more > 0 else names
        yield Fault(
            Code.HOST_NAME,
            leaf,
            f"is for {listed or 'no host (it has no subjectAltName)'}, not for {host}",
        )
    if not _serves_tls(leaf):
        yield Fault(
            Code.KEY_USAGE,
            leaf,
            "is not for TLS servers (extendedKeyUsage: serverAuth)",
        )
    usage = _extension(leaf, x509.KeyUsage)
    if usage and not (
        usage.digital_signature or usage.key_encipherment or usage.key_agreement
    ):
        yield Fault(Code.KEY_USAGE, leaf, "has a key that may not be used for TLS")


def _find_authority_faults(
    certificate: x509.Certificate, depth: int, *, is_root: bool
) -> Iterator[Fault]:
    """Yield the faults of an issuer; `depth` - 1 other issuers stand below it."""
    constraints = _extension(certificate, x509.BasicConstraints)
    is_old_root = is_root and certificate.version is x509.Version.v1
    if not is_old_root and not (constraints and constraints.ca):
        yield Fault(Code.NOT_A_CA, certificate, "is not the certificate of a CA")
        return
    usage = _extension(certificate, x509.KeyUsage)
    if usage and not usage.key_cert_sign:
        yield Fault(Code.KEY_USAGE, certificate, "may not sign certificates (keyUsage)")
    if not is_root and not _serves_tls(certificate):
        yield Fault(
            Code.KEY_USAGE, certificate, "may not issue for TLS servers (serverAuth)"
        )
    limit = constraints.path_length if constraints else None
    if limit is not None and limit < depth - 1:
        yield Fault(
            Code.PATH_LENGTH,
            certificate,
            f"allows {limit} authorities below it, the chain has {depth - 1}",
        )


def _find_date_faults(
    certificate: x509.Certificate, now: datetime.datetime
) -> Iterator[Fault]:
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now > end:
        yield Fault(Code.EXPIRED, certificate, f"expired on {end:%Y-%m-%d}")
    if now < start:
        yield Fault(
            Code.NOT_YET_VALID, certificate, f"is not valid before {start:%Y-%m-%d}"
        )


def _find_weakness(certificate: x509.Certificate) -> Iterator[Fault]:
    key = certificate.public_key()
    if isinstance(key, (rsa.RSAPublicKey, dsa.DSAPublicKey)):
        if key.key_size < MIN_RSA_BITS:
            message = f"has a key of {key.key_size} bits; {MIN_RSA_BITS} are the least"
            yield Fault(Code.WEAK, certificate, message)
    elif isinstance(key, ec.EllipticCurvePublicKey) and key.key_size < MIN_EC_BITS:
        message = f"has a key of {key.key_size} bits; {MIN_EC_BITS} are the least"
        yield Fault(Code.WEAK, certificate, message)
    algorithm = certificate.signature_hash_algorithm
    is_root = certificate.subject == certificate.issuer  # nobody checks its signature
    if algorithm and algorithm.name in WEAK_HASHES and not is_root:
        message = f"is signed with {algorithm.name.upper()}, which can be forged"
        yield Fault(Code.WEAK, certificate, message)


def _find_strict_problems(path: CertificatePath, depth: int) -> Iterator[str]:
    """Yield what VERIFY_X509_STRICT refuses, which Python sets from 3.13 on."""
    certificate = path.certificates[depth]
    is_last = depth == len(path.certificates) - 1
    if len(path.certificates) == 1:
        return  # OpenSSL looks at chains of two certificates and more
    constraints = _optional(certificate, x509.BasicConstraints)
    if constraints and constraints.value.ca:
        if not constraints.critical:
            yield "has basicConstraints that are not critical"
        if _extension(certificate, x509.KeyUsage) is None:
            yield "is a CA without keyUsage"
        if _extension(certificate, x509.SubjectKeyIdentifier) is None:
            yield "is a CA without subjectKeyIdentifier"
    else:
        usage = _extension(certificate, x509.KeyUsage)
        if usage and usage.key_cert_sign:
            yield "may sign certificates (keyUsage) without being a CA"
    authority = _extension(certificate, x509.AuthorityKeyIdentifier)
    if not is_last and (authority is None or authority.key_identifier is None):
        yield "has no authorityKeyIdentifier"


def _serves_tls(certificate: x509.Certificate) -> bool:
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    return purposes is None or bool(ANY_PURPOSE & set(purposes))


def _extension(certificate: x509.Certificate, kind: type[Kind]) -> Kind | None:
    found = _optional(certificate, kind)
    return found.value if found else None


def _optional(
    certificate: x509.Certificate, kind: type[Kind]
) -> x509.Extension[Kind] | None:
    """Return an extension; None if there is none or nothing can be read."""
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None
