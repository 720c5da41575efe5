"""The command `redmine_report`: read a project and write its report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from redmine_analytics.exceptions import RedmineAnalyticsError
from redmine_analytics.read.client import Key
from redmine_analytics.report.options import ReportOptions
from redmine_analytics.report.sections import build_report
from redmine_analytics.report.write import (
    render_html,
    write_csv,
    write_notebook,
    write_whole,
)

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 1 with one line if it fails."""
    given = _parser().parse_args(arguments)
    try:
        _run(given)
    except (RedmineAnalyticsError, OSError) as error:
        print(f"redmine_report: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _run(given: argparse.Namespace) -> None:
    file = given.key_file
    key = Key(file.read_text(encoding="utf-8").strip()) if file else None
    names = ("output", "csv", "notebook", "offline", "full", "key_file", "count_issues")
    values = {name: v for name, v in vars(given).items() if name not in names}
    values = {name: value for name, value in values.items() if value is not None}
    if given.count_issues:
        values["points"] = None
    options = ReportOptions.of({**values, "key": key})
    if given.notebook:
        options.source()  # an address with a secret is refused, not written
        write_notebook(options, given.notebook)
        print(f"{given.notebook}: written")  # noqa: T201
        return
    frames = options.source().frames(offline=given.offline, full=given.full)
    report = build_report(frames, options)
    write_whole(given.output, render_html(report, frames, options).encode())
    hours = frames.age().total_seconds() / 3600
    print(  # noqa: T201
        f"{given.output}: written: {len(report.results)} charts of"
        f" {len(frames.issues)} issues, read {hours:.1f} h ago"
    )
    if given.csv:
        print(f"{given.csv}: {len(write_csv(report, given.csv))} tables")  # noqa: T201
    for note in report.notes:
        print(note)  # noqa: T201


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="redmine_report",
        description="Read a project of Redmine and write its metrics as one HTML page."
        " The API key comes from the environment variable REDMINE_API_KEY.",
    )
    parser.add_argument("url", help="such as https://redmine.example.com")
    add = parser.add_argument
    add("--project", help="the identifier of a project, with its subprojects")
    add("--query", type=int, metavar="N", help="only the issues of a saved query")
    add("--output", type=Path, default=Path("report.html"), help="default: %(default)s")
    add("--csv", type=Path, metavar="FOLDER", help="write each table as CSV, too")
    add("--notebook", type=Path, metavar="FILE", help="write a notebook instead")
    add("--key-file", type=Path, metavar="FILE", help="a file that holds the API key")
    add("--offline", action="store_true", help="make no request, use the cache")
    add("--full", action="store_true", help="read every issue again")
    add("--cache", metavar="FILE", help="the file of the cache")
    add("--ca-file", metavar="FILE", help="the authorities to trust")
    add("--concurrency", type=int, metavar="N", help="requests at the same time: 8")
    add("--points", metavar="FIELD", help="the field with the points: Story Points")
    add("--count-issues", action="store_true", help="count issues instead of points")
    add("--exclude", action="append", metavar="VERSION", help="no sprint: Backlog")
    add("--order", action="append", metavar="STATUS", help="the statuses in order")
    add("--start", metavar="STATUS", help="in which work begins")
    add("--done", action="append", metavar="STATUS", help="in which work is done")
    add("--discarded", action="append", metavar="STATUS", help="will not be done")
    add("--waiting", action="append", metavar="STATUS", help="nobody works")
    add("--policy", choices=("first", "restart", "pause"), help="for moves back")
    add("--weekmask", metavar="1111100", help="working days from Monday to Sunday")
    add("--holidays", action="append", metavar="DAY", help="such as 2026-12-25")
    add("--time-zone", metavar="ZONE", help="in which a day begins: UTC")
    add("--window", type=int, metavar="N", help="of the moving average, in sprints: 5")
    add("--horizon", type=int, metavar="N", help="of the forecast, in working days: 20")
    add("--seed", type=int, metavar="N", help="of the forecast: 1")
    return parser
