"""Read certificates from bytes: PEM, DER or PKCS #7, as people and CAs hand them on."""

from __future__ import annotations

import base64
import binascii
import re
import warnings
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID

from ca_bundle.exceptions import CertificateReadError

__all__ = [
    "MAX_FILE_BYTES",
    "describe",
    "fingerprint",
    "parse_certificates",
    "read_certificates",
]

MAX_FILE_BYTES = 4 * 1024 * 1024  # every public root together is 0.3 MB
# RFC 7468, and the labels of older programs; no newline is needed between blocks.
PEM_BLOCK = re.compile(
    rb"-----BEGIN (?P<label>(?:X509 |TRUSTED )?CERTIFICATE|PKCS7|CMS)-----"
    rb"(?P<body>[^-]*)(?P<end>-----END (?P=label)-----)?"
)
DER_SEQUENCE = b"\x30"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_certificates(path: Path) -> list[x509.Certificate]:
    """Return the certificates of a file, in its order.

    Raises:
        CertificateReadError: the file cannot be read, is too large, damaged, or holds
            none.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        message = f"{path}: cannot be read: {error.strerror or error}"
        raise CertificateReadError(message) from error
    return parse_certificates(content, str(path))


def parse_certificates(content: bytes, place: str) -> list[x509.Certificate]:
    """Return the certificates in PEM, DER or PKCS #7.

    Args:
        content: the bytes; text may have any line ends, a byte order mark, and other
            text between the blocks.
        place: names the bytes in messages.

    Raises:
        CertificateReadError: they are damaged or hold none.
    """
    if len(content) > MAX_FILE_BYTES:
        message = f"{place}: larger than {MAX_FILE_BYTES} bytes; give certificates only"
        raise CertificateReadError(message)
    if content.startswith(UTF16_MARKS):
        content = content.decode("utf-16", "replace").encode("ascii", "replace")
    if content.startswith(DER_SEQUENCE) and b"-----BEGIN" not in content:
        return _parse_der(content, place)
    blocks = list(PEM_BLOCK.finditer(content))
    if not blocks:
        message = f"{place}: {_explain(content)}"
        raise CertificateReadError(message)
    found = []
    for number, block in enumerate(blocks, 1):
        where = f"{place}, block {number}"
        if not block["end"]:
            message = f"{where}: cut off before its END line; get the file again"
            raise CertificateReadError(message)
        found += _parse_der(_decode(block["body"], where), where, block["label"])
    return found


def describe(certificate: x509.Certificate) -> str:
    """Return the name of a certificate for people: its common name, or all of it."""
    return describe_name(certificate.subject)


def describe_name(name: x509.Name) -> str:
    """Return the common name of a subject or issuer, or all of the name."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(common[0].value) if common else name.rfc4514_string()
    printable = "".join(char if char.isprintable() else "?" for char in text)
    return printable or "(no name)"


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate in hexadecimal."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def _decode(body: bytes, where: str) -> bytes:
    if b":" in body:  # RFC 1421 headers mean encryption, which no certificate has
        message = f"{where}: has headers, which certificates do not; get the file again"
        raise CertificateReadError(message)
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except binascii.Error as error:
        message = f"{where}: damaged: {error}; get the file again"
        raise CertificateReadError(message) from error


def _parse_der(
    content: bytes, where: str, label: bytes = b""
) -> list[x509.Certificate]:
    with warnings.catch_warnings():
        # Old roots have serial numbers that cryptography will refuse some day.
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        try:
            if label not in (b"PKCS7", b"CMS"):
                return [x509.load_der_x509_certificate(content)]
        except ValueError as error:
            if label:
                message = f"{where}: not a certificate: {error}; get the file again"
                raise CertificateReadError(message) from error
        try:
            return pkcs7.load_der_pkcs7_certificates(content)
        except Exception as error:
            message = (
                f"{where}: neither a certificate nor PKCS #7; give PEM, DER or a .p7c"
            )
            raise CertificateReadError(message) from error


def _explain(content: bytes) -> str:
    if not content.strip():
        return "empty; give a file of certificates"
    if b"PRIVATE KEY-----" in content:
        return "holds a private key and no certificate; give the issuer's certificate"
    if content.lstrip().startswith(b"<"):
        return "holds a web page; download the certificate itself"
    return "holds no certificate; give PEM, DER or PKCS #7 (.p7b, .p7c)"
