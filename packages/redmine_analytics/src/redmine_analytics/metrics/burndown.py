"""Burndown and burnup of one sprint, with the line of its scope."""

from __future__ import annotations

import numpy as np
import pandas as pd

from redmine_analytics.charts import Result
from redmine_analytics.exceptions import FieldError
from redmine_analytics.frames import Frames
from redmine_analytics.metrics.calendars import EVERY_DAY, WorkCalendar
from redmine_analytics.metrics.history import (
    points_history,
    sprint_bounds,
    values_at,
    version_history,
)
from redmine_analytics.metrics.sprints import done_history
from redmine_analytics.metrics.workflow import Workflow

__all__ = ["burndown", "burnup"]


def burndown(
    frames: Frames,
    version: str,
    *,
    points: str | None = "Story Points",
    workflow: Workflow | None = None,
    calendar: WorkCalendar = EVERY_DAY,
) -> Result:
    """Return the remaining work of a sprint at the end of each day.

    The points and the version of each issue are those of the day, not of today: work that
    was added later raises the scope on that day.

    Args:
        frames: of a project.
        version: the name of a version with a due date.
        points: the field with the points; None to count issues.
        workflow: with its `done` statuses.
        calendar: the ideal line falls on working days only.

    Returns:
        By day: `scope`, `done`, `remaining`, `ideal`. The first row is the state before
        the first day. Days after the data were read are missing.
    """
    table = _by_day(frames, version, points, workflow, calendar)
    known = table.dropna(subset=["scope"])
    text = f"Burndown of {version}: nothing is known of it yet."
    if len(known):
        first, last = known.iloc[0], known.iloc[-1]
        text = (
            f"Burndown of {version}: {first['remaining']:g} of {first['scope']:g} were"
            f" left at its start and {last['remaining']:g} of {last['scope']:g} at the"
            " end of the last known day."
        )
    return Result("burndown", f"Burndown of {version}", text, table)


def burnup(
    frames: Frames,
    version: str,
    *,
    points: str | None = "Story Points",
    workflow: Workflow | None = None,
    calendar: WorkCalendar = EVERY_DAY,
) -> Result:
    """Return the finished work of a sprint at the end of each day; see `burndown`."""
    table = _by_day(frames, version, points, workflow, calendar)
    known = table.dropna(subset=["scope"])
    text = f"Burnup of {version}: nothing is known of it yet."
    if len(known):
        last = known.iloc[-1]
        text = (
            f"Burnup of {version}: {last['done']:g} of {last['scope']:g} were done at"
            " the end of the last known day."
        )
    return Result("burnup", f"Burnup of {version}", text, table)


def _by_day(
    frames: Frames,
    version: str,
    points: str | None,
    workflow: Workflow | None,
    calendar: WorkCalendar,
) -> pd.DataFrame:
    bounds = sprint_bounds(frames, calendar, exclude=())
    found = bounds[bounds["name"] == version]
    if len(found) != 1:
        state = "no version has" if found.empty else "several versions have"
        message = f"{version!r}: {state} this name and a due date; there are {', '.join(bounds['name'])}."
        raise FieldError(message)
    first, last = found["first_day"].iloc[0], found["last_day"].iloc[0]
    ends = calendar.day_ends(first, last)
    moments = ends.insert(0, ends[0] - pd.DateOffset(days=1))
    is_in = values_at(version_history(frames), moments) == found.index[0]
    values = values_at(points_history(frames, points), moments).fillna(0.0)
    done = values_at(done_history(frames, workflow or Workflow.of(frames)), moments)
    is_in &= done.notna()  # discarded work leaves the scope
    table = pd.DataFrame(index=(moments - pd.DateOffset(days=1)).tz_localize(None))
    table.index = pd.DatetimeIndex(table.index.date, name="day")
    table["scope"] = (values * is_in).sum().to_numpy()
    table["done"] = (values * (is_in & (done == 1))).sum().to_numpy()
    # A day counts once it has begun.
    is_future = np.r_[False, (ends - pd.DateOffset(days=1)) > frames.until]
    table.loc[is_future, ["scope", "done"]] = np.nan
    table["remaining"] = table["scope"] - table["done"]
    days = calendar.is_working(table.index)
    days[0] = False
    steps = np.cumsum(days)
    total = max(int(steps[-1]), 1)
    table["ideal"] = table["remaining"].iloc[0] * (1 - steps / total)
    return table
