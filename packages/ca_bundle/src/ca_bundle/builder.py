"""Build the bundle of a host: choose its members, prove them, replace the file."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509

from ca_bundle.doctor import DEFAULT_TIMEOUT_S, AddressRule, complete_path
from ca_bundle.exceptions import BuildRefusedError, CABundleError, CertificateReadError
from ca_bundle.judge.faults import Code, find_faults, find_issuer_faults
from ca_bundle.judge.paths import CertificatePath, is_issued_by, is_self_signed
from ca_bundle.read.aia import is_public_address
from ca_bundle.read.certificates import describe, describe_name, read_certificates
from ca_bundle.read.handshake import (
    LENIENT_FLAGS,
    ROOTED_FLAGS,
    STRICT_FLAGS,
    capture_chain,
    verify,
)
from ca_bundle.read.trust import CERTIFI, DEFAULT_ROOTS, load_trust
from ca_bundle.use.hosts import Host, parse_host
from ca_bundle.write.bundle import render_bundle, replace_file

__all__ = ["Built", "build"]

PYTHONS = {
    LENIENT_FLAGS: "up to 3.12",
    STRICT_FLAGS: "from 3.13 on",
    ROOTED_FLAGS: "from 3.13 on",
}


@dataclass(frozen=True)
class Built:
    """A bundle that makes the chain of its host verify.

    Attributes:
        path: the file.
        members: the names of its certificates, the root last.
        is_changed: the file was written; False if it held just that already.
        notes: why certificates that were given are not in it.
    """

    path: Path
    members: list[str]
    is_changed: bool
    notes: list[str] = field(default_factory=list)


def build(
    host: str,
    out: Path | None = None,
    *,
    intermediates: Sequence[Path] = (),
    roots: Sequence[str] = DEFAULT_ROOTS,
    fetch: bool = False,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    is_allowed: AddressRule = is_public_address,
) -> Built:
    """Write the smallest bundle that makes the chain of a server verify.

    It holds the intermediates between the server's certificate and a trusted root, and
    that root. Before the file is replaced, handshakes prove it, with the flags that Python
    sets up to 3.12 and from 3.13 on, and with those of this package's contexts.

    Args:
        host: `HOST` or `HOST:PORT`; the port is 443 if it is not given.
        out: the file; None stands for HOST.pem in the working directory. The
            certificates of a present file are candidates, too, so that a bundle can be
            built again without `intermediates`.
        intermediates: files of certificates that may be needed; what is not is left out.
        roots: `certifi`, `system`, or files of roots; together they are the trust.
        fetch: fetch the certificate of an unknown issuer from the address that the
            certificate names.
        timeout_s: for each connection.
        is_allowed: tells of an IP address whether `fetch` may connect to it.

    Raises:
        BuildRefusedError: no bundle would make the chain verify; nothing was written.
        CABundleError: the host cannot be reached, or a file cannot be read or written.
    """
    place = parse_host(host)
    target = out or Path(f"{place.name.replace(':', '_')}.pem")
    _refuse_own_sources(target, (*intermediates, *map(Path, roots)))
    trust = load_trust(roots)
    given = [item for file in intermediates for item in read_certificates(file)]
    sent = capture_chain(place, timeout_s)
    now = datetime.datetime.now(datetime.timezone.utc)
    candidates = [*given, *_read_present(target), *sent[1:]]
    path, notes = complete_path(
        sent[0], candidates, trust.roots, now, is_allowed if fetch else None
    )
    rejected = [item for item in dict.fromkeys(given) if item not in path.issuers]
    reasons = [_explain_rejection(item, path, now) for item in rejected]
    problems = [*_find_problems(path, place, now), *reasons]
    if not path.is_trusted or len(problems) > len(reasons):
        raise BuildRefusedError(str(place), [*problems, *_strip(notes)])
    members = path.issuers or path.certificates
    _prove(place, members, timeout_s)
    is_from_certifi = trust.find_source(path.top) == CERTIFI
    text = render_bundle(place, members, is_from_certifi=is_from_certifi)
    try:
        is_changed = replace_file(target, text)
    except OSError as error:
        message = (
            f"{target}: cannot be written: {error.strerror or error}; it is unchanged"
        )
        raise CABundleError(message) from error
    return Built(target, [describe(item) for item in members], is_changed, reasons)


def _refuse_own_sources(target: Path, sources: Iterable[Path]) -> None:
    """Raise an error if the bundle would overwrite a file that it is built from."""
    for file in sources:
        if target.exists() and file.exists() and target.samefile(file):
            message = (
                f"{target}: is read and would be overwritten; choose another --out"
            )
            raise CABundleError(message)


def _read_present(path: Path) -> list[x509.Certificate]:
    """Return the certificates of the present bundle; it may be missing or damaged."""
    try:
        return read_certificates(path)
    except CertificateReadError:
        return []


def _find_problems(
    path: CertificatePath, host: Host, now: datetime.datetime
) -> Iterator[str]:
    """Yield what keeps the path from being verified, whatever the bundle."""
    if not path.is_trusted:
        top = describe(path.top)
        if is_self_signed(path.top):
            yield f"{top} is self-signed and not a trusted root (--roots FILE adds one)"
        else:
            issuer = describe_name(path.top.issuer)
            yield (
                f"the certificate of {issuer}, which issued {top}, is not at hand"
                " (--intermediate FILE gives it, --fetch fetches it)"
            )
    faults = list(find_faults(path, host.name, now))
    if (
        path.is_trusted and not path.issuers
    ):  # a self-signed certificate is its own issuer
        faults += find_issuer_faults(path.leaf, now)
    for fault in dict.fromkeys(faults):
        if fault.code != Code.STRICT:
            yield f"{describe(fault.certificate)} {fault.message}"


def _explain_rejection(
    item: x509.Certificate, path: CertificatePath, now: datetime.datetime
) -> str:
    """Return why a certificate that was given is not part of the bundle."""
    name = describe(item)
    for member in path.certificates:
        if item.subject == member.issuer and not is_issued_by(member, item):
            return (
                f"{name} has the name of {describe(member)}'s issuer, but its key did"
                " not make the signature"
            )
    faults = [fault.message for fault in find_issuer_faults(item, now)]
    if item == path.leaf:
        return f"{name} is the server's own certificate, not its issuer's"
    return f"{name} {' and '.join(faults) or 'is not part of the chain'}"


def _prove(host: Host, members: Sequence[x509.Certificate], timeout_s: float) -> None:
    for flags, pythons in PYTHONS.items():
        verdict = verify(host, members, flags, timeout_s)
        if not verdict.is_ok:
            reason = (
                f"Python {pythons} would refuse it: {verdict.message}"
                f" ({verdict.code}); `ca_bundle doctor {host}` says more"
            )
            raise BuildRefusedError(str(host), [reason])


def _strip(notes: Sequence[str]) -> list[str]:
    return [note.rstrip(".") for note in notes]
