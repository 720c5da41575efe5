"""From evidence to a diagnosis: every defect of a chain, with its cure.

OpenSSL's verdict decides whether a chain verifies; it stops at the first error, so the
rules of `faults` name all of them. A rule that OpenSSL does not share is dropped, an
error that no rule explains is shown in OpenSSL's words.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from cryptography import x509

from ca_bundle.judge.faults import Code, Fault, find_faults
from ca_bundle.judge.paths import CertificatePath, is_issued_by, is_self_signed
from ca_bundle.read.certificates import describe, describe_name
from ca_bundle.read.handshake import NOT_A_CERTIFICATE_ERROR, Verdict
from ca_bundle.read.trust import Trust
from ca_bundle.use.hosts import Host

__all__ = ["Defect", "Diagnosis", "Evidence", "Link", "diagnose"]

RENEW = "The server's owner must renew it."
REISSUE = "The server's owner must have it issued anew; no bundle cures it."
# X509_V_ERR codes of an issuer that is expired, unknown or not trusted.
PATH_ERRORS = {2, 9, 10, 18, 19, 20, 21}
CURES = {
    Code.EXPIRED: RENEW,
    Code.NOT_YET_VALID: "Check the clock of this machine, then the server's owner.",
    Code.HOST_NAME: "Use a name that it is for, or have it issued for this one too.",
    Code.KEY_USAGE: REISSUE,
    Code.NOT_A_CA: "The server's owner must send the true issuer's certificate.",
    Code.PATH_LENGTH: "The CA must issue from an authority that it allows.",
    Code.WEAK: REISSUE,
    Code.STRICT: "Python 3.13 and later refuse the chain until it is issued anew; no"
    " bundle cures it.",
}


@dataclass(frozen=True)
class Evidence:
    """All that is known of a server.

    Attributes:
        sent: the certificates in the order of the server.
        path: the best path that could be found.
        offered: the certificates that were given beside it.
        trust: the roots.
        verdict: OpenSSL's, with the flags that Python sets up to 3.12.
        strict_verdict: with the flags that Python sets from 3.13 on.
        now: an aware time.
        build_arguments: those of `ca_bundle build` that offer the same candidates.
        has_address: the top of the path names an address of its issuer's certificate.
    """

    host: Host
    sent: Sequence[x509.Certificate]
    path: CertificatePath
    offered: Sequence[x509.Certificate]
    trust: Trust
    verdict: Verdict
    strict_verdict: Verdict
    now: datetime.datetime
    build_arguments: str
    has_address: bool


@dataclass(frozen=True)
class Defect:
    """A reason why the chain does not verify.

    Attributes:
        code: one of `judge.faults.Code`.
        certificate: the name of the certificate; empty if it is about the connection.
        message: a sentence.
        cure: what to do, and who can do it.
        is_cured_by_bundle: `ca_bundle build` can make the chain verify.
    """

    code: str
    certificate: str
    message: str
    cure: str
    is_cured_by_bundle: bool = False


@dataclass(frozen=True)
class Link:
    """A certificate of the chain as it should be.

    Attributes:
        source: `sent`, the trust store that holds it, or `missing`.
    """

    certificate: x509.Certificate
    source: str


@dataclass(frozen=True)
class Diagnosis:
    """The verdict on a server, and every reason for it.

    Attributes:
        verifies: with the flags that Python sets up to 3.12.
        verifies_strictly: with the flags that Python sets from 3.13 on.
        chain: as it should be, the server's certificate first.
        unknown_issuer: the name of the next certificate, if it is not at hand.
        notes: what is odd, but does no harm.
    """

    host: Host
    verifies: bool
    verifies_strictly: bool
    sent: Sequence[x509.Certificate]
    chain: Sequence[Link]
    unknown_issuer: str
    defects: Sequence[Defect]
    notes: Sequence[str] = field(default_factory=list)


def diagnose(evidence: Evidence, notes: Sequence[str] = ()) -> Diagnosis:
    """Return the diagnosis of a server.

    Args:
        evidence: all that is known.
        notes: remarks of whoever gathered it.
    """
    return Diagnosis(
        host=evidence.host,
        verifies=evidence.verdict.is_ok,
        verifies_strictly=evidence.strict_verdict.is_ok,
        sent=evidence.sent,
        chain=[
            Link(item, _find_source(item, evidence))
            for item in evidence.path.certificates
        ],
        unknown_issuer=(
            describe_name(evidence.path.top.issuer)
            if evidence.path.lacks_issuer
            else ""
        ),
        defects=_find_defects(evidence),
        notes=[*notes, *_find_oddities(evidence)],
    )


def _find_source(certificate: x509.Certificate, evidence: Evidence) -> str:
    if certificate in evidence.sent:
        return "sent"
    return evidence.trust.find_source(certificate) or "missing"


def _find_defects(evidence: Evidence) -> list[Defect]:
    if evidence.verdict.is_ok and evidence.strict_verdict.is_ok:
        return []
    faults = list(find_faults(evidence.path, evidence.host.name, evidence.now))
    hard, strict = [], [fault for fault in faults if fault.code == Code.STRICT]
    if not evidence.verdict.is_ok:
        hard = [*_find_path_defects(evidence)]
        hard += [_defect_of(fault) for fault in faults if fault not in strict]
        hard = hard or [_explain_verdict(evidence)]
    soft = [_defect_of(fault) for fault in strict]
    if evidence.verdict.is_ok and not soft:
        soft = [_explain_strict_verdict(evidence.strict_verdict)]
    return hard + soft


def _defect_of(fault: Fault) -> Defect:
    name = describe(fault.certificate)
    return Defect(fault.code, name, f"{name} {fault.message}.", CURES[fault.code])


def _find_path_defects(evidence: Evidence) -> Iterator[Defect]:
    path = evidence.path
    if path.is_trusted:
        missing = [
            item for item in path.issuers if _find_source(item, evidence) == "missing"
        ]
        if missing:
            yield _missing_intermediate(evidence, missing)
    elif len(path.certificates) == 1 and is_self_signed(path.leaf):
        yield Defect(
            Code.SELF_SIGNED,
            describe(path.leaf),
            f"{describe(path.leaf)} is self-signed: no authority vouches for it.",
            "Have it issued by a CA; if you know that it is the right one, pass the file"
            " to `ca_bundle.ssl_context` or to verify=.",
        )
    elif is_self_signed(path.top):
        yield _unknown_root(evidence, describe(path.top))
    else:
        yield _missing_issuer(evidence)


def _missing_intermediate(
    evidence: Evidence, missing: Sequence[x509.Certificate]
) -> Defect:
    names = " and ".join(describe(item) for item in missing)
    root = describe(evidence.path.top)
    store = evidence.trust.find_source(evidence.path.top)
    return Defect(
        Code.INTERMEDIATE_MISSING,
        describe(missing[0]),
        f"The server does not send {names}; the root {root} is in {store}.",
        _explain_build(evidence.host, evidence.build_arguments),
        is_cured_by_bundle=True,
    )


def _missing_issuer(evidence: Evidence) -> Defect:
    top = evidence.path.top
    name, issuer = describe(top), describe_name(top.issuer)
    look_alikes = [
        item
        for item in (*evidence.sent, *evidence.offered, *evidence.trust.roots)
        if item.subject == top.issuer and not is_issued_by(top, item)
    ]
    if look_alikes:
        return Defect(
            Code.SIGNATURE,
            name,
            f"{name} is not signed by the {issuer} that is at hand, which has the name"
            " of the issuer and another key.",
            "The server's owner must send the certificate of the true issuer.",
        )
    if len(evidence.path.certificates) > 1:
        return _unknown_root(evidence, issuer)
    how = "get it from its CA and run" if not evidence.has_address else "run"
    more = "--fetch" if evidence.has_address else "--intermediate FILE"
    arguments = f"{evidence.build_arguments} {more}".strip()
    return Defect(
        Code.INTERMEDIATE_MISSING,
        issuer,
        f"The server does not send {issuer}, which issued {name}, and it is not a trusted"
        " root.",
        _explain_build(evidence.host, arguments, how),
        is_cured_by_bundle=True,
    )


def _unknown_root(evidence: Evidence, root: str) -> Defect:
    return Defect(
        Code.ROOT_UNKNOWN,
        root,
        f"{root} is not a trusted root.",
        "If you trust it, get its certificate from its owner, not from the server, and"
        f" run: ca_bundle build --host {evidence.host} --roots FILE",
        is_cured_by_bundle=True,
    )


def _explain_build(host: Host, arguments: str, how: str = "run") -> str:
    return (
        f"The server's owner must send it. Until then, {how}:"
        f" ca_bundle build --host {host} {arguments}"
    ).rstrip()


def _explain_verdict(evidence: Evidence) -> Defect:
    verdict = evidence.verdict
    if verdict.code == NOT_A_CERTIFICATE_ERROR:
        cure = "The server's owner must offer TLS 1.2 or later with today's ciphers."
        return Defect(Code.TLS, "", f"{verdict.message}.", cure)
    said = f"{verdict.message} ({verdict.code})"
    if verdict.code in PATH_ERRORS:
        return Defect(
            Code.OTHER_PATH,
            "",
            f"The chain to {describe(evidence.path.top)} is sound, but OpenSSL takes"
            f" another one: {said}.",
            "A bundle with this chain alone leaves OpenSSL no choice:"
            f" ca_bundle build --host {evidence.host} {evidence.build_arguments}".rstrip(),
            is_cured_by_bundle=True,
        )
    return Defect(Code.OTHER, "", f"OpenSSL says: {said}.", REISSUE)


def _explain_strict_verdict(verdict: Verdict) -> Defect:
    message = f"OpenSSL's strict rules say: {verdict.message} ({verdict.code})."
    return Defect(Code.STRICT, "", message, CURES[Code.STRICT])


def _find_oddities(evidence: Evidence) -> Iterator[str]:
    wanted = list(evidence.path.certificates)
    positions = [wanted.index(item) for item in evidence.sent if item in wanted]
    if positions != sorted(positions):
        yield "The certificates are sent out of order."
    if len(set(evidence.sent)) < len(evidence.sent):
        yield "A certificate is sent twice."
    for item in evidence.sent:
        if item not in wanted:
            yield f"{describe(item)} is sent, but it is not part of the chain."
