"""Tell what a run would use, why, and what of it runs now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from dev_services.plan import Report

__all__ = ["as_json", "as_table"]


def as_json(found: list[Report]) -> str:
    """Return the reports for programs."""
    return json.dumps({report.service: _plain(report) for report in found}, indent=2)


def as_table(found: list[Report]) -> str:
    """Return the reports for a reader."""
    rows = [("service", "provider", "version", "runs", "address")]
    for report in found:
        runs = "yes" if report.running else "no"
        provider, version = report.choice.provider or "none", report.version or "-"
        rows.append((report.service, provider, version, runs, report.address or "-"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join([*map(str.rstrip, lines), *_remarks(found)])


def _remarks(found: list[Report]) -> Iterator[str]:
    for report in found:
        for rejection in report.choice.rejected:
            yield f"{report.service}: not {rejection.provider}: {rejection.why}"
        if report.problem:
            yield f"{report.service}: {report.problem}"


def _plain(report: Report) -> dict[str, object]:
    plain: dict[str, object] = {
        "provider": report.choice.provider,
        "version": report.version,
        "address": report.address,
        "running": report.running,
        "problem": report.problem,
        "rejected": [asdict(rejection) for rejection in report.choice.rejected],
    }
    if report.service == "elasticsearch":
        plain["major"] = report.major
    return plain
