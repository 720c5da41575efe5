"""Metrics: functions of frames that return a table, facts and a chart."""

from __future__ import annotations

from redmine_analytics.metrics.burndown import burndown, burnup
from redmine_analytics.metrics.calendars import WorkCalendar
from redmine_analytics.metrics.flow import (
    ageing,
    cumulative_flow,
    cycle_times,
    flow_efficiency,
    net_flow,
    throughput,
)
from redmine_analytics.metrics.sprints import estimates, spillover, velocity
from redmine_analytics.metrics.workflow import Workflow

__all__ = [
    "WorkCalendar",
    "Workflow",
    "ageing",
    "burndown",
    "burnup",
    "cumulative_flow",
    "cycle_times",
    "estimates",
    "flow_efficiency",
    "net_flow",
    "spillover",
    "throughput",
    "velocity",
]
