"""The diagnosis as text for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from cryptography import x509

from ca_bundle.judge.diagnosis import Diagnosis, Link
from ca_bundle.judge.faults import names_of
from ca_bundle.read.certificates import describe, describe_name, fingerprint

__all__ = ["render_json", "render_text"]


def render_text(diagnosis: Diagnosis) -> str:
    """Return some lines: the verdict, the chain as sent and as it should be, cures."""
    return "\n".join(_lines(diagnosis))


def render_json(diagnosis: Diagnosis) -> str:
    """Return one object; the reference of the package describes its keys."""
    return json.dumps(
        {
            "host": str(diagnosis.host),
            "verifies": diagnosis.verifies,
            "verifies_strictly": diagnosis.verifies_strictly,
            "sent": [_summarize(item) for item in diagnosis.sent],
            "chain": [
                {**_summarize(link.certificate), "source": link.source}
                for link in diagnosis.chain
            ],
            "unknown_issuer": diagnosis.unknown_issuer,
            "defects": [asdict(defect) for defect in diagnosis.defects],
            "notes": list(diagnosis.notes),
        }
    )


def _lines(diagnosis: Diagnosis) -> Iterator[str]:
    yield f"{diagnosis.host} {_render_verdict(diagnosis)}"
    yield ""
    yield "Sent by the server:"
    for number, item in enumerate(diagnosis.sent):
        yield f"  {number}  {_render_certificate(item)}"
    chain = [link.certificate for link in diagnosis.chain]
    if diagnosis.unknown_issuer or chain != list(diagnosis.sent):
        yield "The chain as it should be:"
        for number, link in enumerate(diagnosis.chain):
            yield f"  {number}  {_render_link(link)}"
        if diagnosis.unknown_issuer:
            number = len(diagnosis.chain)
            yield f"  {number}  {diagnosis.unknown_issuer}  <- not at hand"
    for defect in diagnosis.defects:
        yield ""
        yield f"{defect.code}: {defect.message}"
        yield f"  Cure: {defect.cure}"
    for note in diagnosis.notes:
        yield ""
        yield f"Note: {note}"


def _render_verdict(diagnosis: Diagnosis) -> str:
    codes = ", ".join(dict.fromkeys(defect.code for defect in diagnosis.defects))
    if not diagnosis.verifies:
        return f"does not verify: {codes}"
    if not diagnosis.verifies_strictly:
        return f"verifies up to Python 3.12, not from 3.13 on: {codes}"
    return "verifies"


def _render_link(link: Link) -> str:
    text = _render_certificate(link.certificate)
    if link.source == "sent":
        return text
    if link.source == "missing":
        return f"{text}  <- missing: the server must send it"
    return f"{text}  (a root in {link.source})"


def _render_certificate(item: x509.Certificate) -> str:
    issuer = describe_name(item.issuer)
    by = "self-issued" if item.issuer == item.subject else f"issued by {issuer}"
    return f"{describe(item)}, {by}, until {item.not_valid_after_utc:%Y-%m-%d}"


def _summarize(item: x509.Certificate) -> dict[str, Any]:
    return {
        "subject": item.subject.rfc4514_string(),
        "issuer": item.issuer.rfc4514_string(),
        "names": names_of(item),
        "not_before": item.not_valid_before_utc.isoformat(),
        "not_after": item.not_valid_after_utc.isoformat(),
        "sha256": fingerprint(item),
    }
