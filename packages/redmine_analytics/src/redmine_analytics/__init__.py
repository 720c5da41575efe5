"""Redmine's history as pandas frames, flow metrics, forecasts and reports.

Data pass through in this order, and imports go one way:

source.py    RedmineSource: the door; it reads and returns frames
read/        requests, pages, the cache, the incremental plan, CSV exports
frames/      Redmine's JSON as tidy frames: tables, and the history of each field
metrics/     functions of frames: sprints, burndown, flow, workflows, calendars
forecast.py  Monte Carlo forecasts of throughput, and their back-test
report/      all metrics at once: HTML, CSV, a notebook; the command redmine_report
models.py, checks.py, management/   the Django app: snapshots of reports
charts/      how a table is drawn; imports nothing of ours, used by metrics and reports

The names below are imported when they are first used: pandas takes longer to import than
Django, and a site that has the app installed needs it only for a snapshot.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from redmine_analytics.charts import Result
    from redmine_analytics.forecast import (
        BackTest,
        backtest,
        daily_throughput,
        how_many,
        when,
    )
    from redmine_analytics.frames import Frames, intervals
    from redmine_analytics.metrics import (
        WorkCalendar,
        Workflow,
        ageing,
        burndown,
        burnup,
        cumulative_flow,
        cycle_times,
        estimates,
        flow_efficiency,
        net_flow,
        spillover,
        throughput,
        velocity,
    )
    from redmine_analytics.read.exports import read_export
    from redmine_analytics.source import RedmineSource

__all__ = [
    "BackTest",
    "Frames",
    "RedmineSource",
    "Result",
    "WorkCalendar",
    "Workflow",
    "ageing",
    "backtest",
    "burndown",
    "burnup",
    "cumulative_flow",
    "cycle_times",
    "daily_throughput",
    "estimates",
    "flow_efficiency",
    "how_many",
    "intervals",
    "net_flow",
    "read_export",
    "spillover",
    "throughput",
    "velocity",
    "when",
]

_MODULES = {
    "BackTest": "forecast",
    "Frames": "frames",
    "RedmineSource": "source",
    "Result": "charts",
    "WorkCalendar": "metrics",
    "Workflow": "metrics",
    "ageing": "metrics",
    "backtest": "forecast",
    "burndown": "metrics",
    "burnup": "metrics",
    "cumulative_flow": "metrics",
    "cycle_times": "metrics",
    "daily_throughput": "forecast",
    "estimates": "metrics",
    "flow_efficiency": "metrics",
    "how_many": "forecast",
    "intervals": "frames",
    "net_flow": "metrics",
    "read_export": "read.exports",
    "spillover": "metrics",
    "throughput": "metrics",
    "velocity": "metrics",
    "when": "forecast",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for (PEP 562)."""
    if name not in _MODULES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
