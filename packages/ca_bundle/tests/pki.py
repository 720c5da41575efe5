"""A public key infrastructure that may be broken in any one way."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtendedKeyUsageOID,
    NameOID,
)

SERVER = ExtendedKeyUsageOID.SERVER_AUTH
CLIENT = ExtendedKeyUsageOID.CLIENT_AUTH
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
DAY = datetime.timedelta(days=1)


@dataclass
class Identity:
    """A certificate with its key, and whoever issued it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    issuer: Identity | None = field(default=None, repr=False)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode()


def issue(
    name,
    issuer=None,
    *,
    ca=False,
    hosts=("localhost", "127.0.0.1"),
    start=-DAY,
    end=365 * DAY,
    path_length=None,
    purposes=(SERVER,),
    key=None,
    digest=None,
    signing_key=None,
    usage=True,
    is_signer=None,
    authority_id=True,
    subject_id=True,
    critical=True,
    address=None,
    excluded=None,
):
    """Return a new identity, issued by `issuer` or by itself."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = name if isinstance(name, x509.Name) else name_of(name)
    signer = signing_key or (issuer.key if issuer else key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + start)
        .not_valid_after(NOW + end)
        .add_extension(x509.BasicConstraints(ca, path_length if ca else None), critical)
    )
    if usage:
        builder = builder.add_extension(
            key_usage(ca if is_signer is None else is_signer, ca), critical=True
        )
    if not ca and hosts:
        builder = builder.add_extension(alternatives(hosts), critical=False)
    if not ca and purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if subject_id:
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    if issuer and authority_id:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(
            issuer.key.public_key()
        )
        builder = builder.add_extension(identifier, critical=False)
    if address:
        builder = builder.add_extension(access(address), critical=False)
    if excluded:
        names = x509.NameConstraints(None, [x509.DNSName(excluded)])
        builder = builder.add_extension(names, critical=True)
    return Identity(builder.sign(signer, digest or hashes.SHA256()), key, issuer)


def name_of(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def key_usage(is_signer, is_authority):
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_signer,
        crl_sign=is_signer,
        encipher_only=False,
        decipher_only=False,
    )


def alternatives(hosts):
    names = []
    for host in hosts:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:  # noqa: PERF203
            names.append(x509.DNSName(host))
    return x509.SubjectAlternativeName(names)


def access(*addresses):
    return x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS,
                x509.UniformResourceIdentifier(address),
            )
            for address in addresses
        ]
    )


def issue_authorities(**options):
    """Return a root and an intermediate as most CAs have them."""
    root = issue("Example Root", ca=True)
    options = {"path_length": 0, **options}
    return root, issue("Example Intermediate", root, ca=True, **options)
