"""Tell what a run would use, why, and what of it runs now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from dev_services.choose.choice import Choice
from dev_services.environment import search_urls
from dev_services.exceptions import ServiceError
from dev_services.plan import Plan, client_problem
from dev_services.servers.check import Address
from dev_services.servers.search_http import SearchAddress

__all__ = ["Report", "as_json", "as_table", "reports"]


@dataclass(frozen=True)
class Report:
    """What is known of one service; `problem` is why its provider cannot be used."""

    service: str
    choice: Choice
    version: str | None
    address: str | None = None
    running: bool = False
    problem: str | None = None

    @property
    def major(self) -> int | None:
        """The major version, where the version is known."""
        return int(self.version.partition(".")[0]) if self.version else None


def reports(plan: Plan) -> list[Report]:
    """Look at every service of the plan; start nothing."""
    ways = {"postgresql": _postgresql, "elasticsearch": _elasticsearch}
    return [ways[service](plan) for service in plan.services]


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


def _postgresql(plan: Plan) -> Report:
    choice = plan.choose_postgresql()
    report = Report("postgresql", choice, choice.version)
    if choice.provider == "environment":
        return _tried(report, Address.of(plan.environ).url, plan.check_postgresql)
    if choice.provider == "embedded":
        from dev_services.servers.postgresql import Cluster

        place = plan.places.kept / "postgresql"
        url = Cluster(place, Path(), choice.version or "", plan.places.account).url()
        if url:
            shown = Address.of({"DATABASE_URL": url}).url
            return replace(report, address=shown, running=True)
    return report


def _elasticsearch(plan: Plan) -> Report:
    choice = plan.choose_elasticsearch()
    report = Report("elasticsearch", choice, choice.version)
    if choice.provider == "environment":
        shown = SearchAddress.of(search_urls(plan.environ)[0]).url
        tried = _tried(report, shown, plan.check_elasticsearch)
        return replace(tried, problem=tried.problem or client_problem(tried.version))
    if choice.release and choice.jdk:
        from dev_services.servers.elasticsearch import Node

        place = plan.places.kept / f"elasticsearch-{choice.release.major}"
        node = Node(place, Path(), choice.release, choice.jdk, plan.places.account)
        if url := node.url():
            return replace(report, address=SearchAddress.of(url).url, running=True)
    return report


def _tried(
    report: Report, shown: str, check: Callable[[], tuple[object, str | None]]
) -> Report:
    try:
        _, version = check()
    except ServiceError as error:
        return replace(report, address=shown, problem=str(error))
    return replace(report, address=shown, version=version, running=True)
