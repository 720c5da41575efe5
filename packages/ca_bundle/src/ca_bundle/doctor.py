"""Examine a server: capture its chain, complete the path, ask OpenSSL, diagnose."""

from __future__ import annotations

import datetime
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography import x509

from ca_bundle.exceptions import FetchError
from ca_bundle.judge.diagnosis import Diagnosis, Evidence, diagnose
from ca_bundle.judge.paths import CertificatePath, find_path
from ca_bundle.read.aia import fetch_issuers, find_issuer_urls, is_public_address
from ca_bundle.read.certificates import read_certificates
from ca_bundle.read.handshake import (
    LENIENT_FLAGS,
    STRICT_FLAGS,
    capture_chain,
    verify,
)
from ca_bundle.read.trust import DEFAULT_ROOTS, load_trust
from ca_bundle.use.hosts import parse_host

__all__ = ["DEFAULT_TIMEOUT_S", "complete_path", "examine"]

DEFAULT_TIMEOUT_S = 10.0
MAX_FETCHES = 4
AddressRule = Callable[[str], bool]


def examine(
    host: str,
    *,
    intermediates: Sequence[Path] = (),
    roots: Sequence[str] = DEFAULT_ROOTS,
    fetch: bool = False,
    timeout_s: float = DEFAULT_TIMEOUT_S,
    is_allowed: AddressRule = is_public_address,
) -> Diagnosis:
    """Return why the chain of a server verifies or does not.

    Args:
        host: `HOST` or `HOST:PORT`; the port is 443 if it is not given.
        intermediates: files of certificates that may be on the path.
        roots: `certifi`, `system`, or files of roots; together they are the trust.
        fetch: fetch the certificate of an unknown issuer from the address that the
            certificate names.
        timeout_s: for each connection.
        is_allowed: tells of an IP address whether `fetch` may connect to it.

    Raises:
        CABundleError: the host is not a host, cannot be reached, or a file cannot be
            read.
    """
    place = parse_host(host)
    trust = load_trust(roots)
    given = [item for file in intermediates for item in read_certificates(file)]
    sent = capture_chain(place, timeout_s)
    now = datetime.datetime.now(datetime.timezone.utc)
    path, notes = complete_path(
        sent[0], [*given, *sent[1:]], trust.roots, now, is_allowed if fetch else None
    )
    evidence = Evidence(
        host=place,
        sent=sent,
        path=path,
        offered=given,
        trust=trust,
        verdict=verify(place, trust.roots, LENIENT_FLAGS, timeout_s),
        strict_verdict=verify(place, trust.roots, STRICT_FLAGS, timeout_s),
        now=now,
        build_arguments=_render_arguments(intermediates, roots, fetch=fetch),
        has_address=bool(find_issuer_urls(path.top)),
    )
    return diagnose(evidence, notes)


def complete_path(
    leaf: x509.Certificate,
    candidates: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    now: datetime.datetime,
    is_allowed: AddressRule | None,
) -> tuple[CertificatePath, list[str]]:
    """Return the best path, and why an issuer could not be fetched.

    An issuer that is not known is fetched if `is_allowed` is given: it tells of an IP
    address whether it may be connected to.
    """
    pool = list(candidates)
    path = find_path(leaf, pool, roots, now)
    for _ in range(MAX_FETCHES if is_allowed else 0):
        if not path.lacks_issuer or is_allowed is None:
            break
        try:
            pool += fetch_issuers(path.top, is_allowed=is_allowed)
        except FetchError as error:
            return path, [f"{error}."]
        longer = find_path(leaf, pool, roots, now)
        if len(longer.certificates) <= len(path.certificates):
            return path, ["The fetched certificate is not the issuer's."]
        path = longer
    return path, []


def _render_arguments(
    intermediates: Sequence[Path], roots: Sequence[str], *, fetch: bool
) -> str:
    words = [f"--intermediate={file}" for file in intermediates]
    if tuple(roots) != DEFAULT_ROOTS:
        words += [f"--roots={name}" for name in roots]
    return shlex.join([*words, *(["--fetch"] if fetch else [])])
