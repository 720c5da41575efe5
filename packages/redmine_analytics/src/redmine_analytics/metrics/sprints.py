"""Metrics by sprint: velocity, estimates against reality, spill-over."""

from __future__ import annotations

import numpy as np
import pandas as pd

from redmine_analytics.charts import Result
from redmine_analytics.exceptions import FieldError
from redmine_analytics.frames import Frames
from redmine_analytics.metrics.calendars import EVERY_DAY, WorkCalendar
from redmine_analytics.metrics.history import (
    sprint_bounds,
    values_at,
    version_history,
    versions_in_order,
)
from redmine_analytics.metrics.workflow import Workflow, stage_intervals

__all__ = ["estimates", "spillover", "velocity"]

_FEWEST = 3  # issues, for a correlation


def velocity(
    frames: Frames,
    *,
    window: int = 5,
    points: str | None = "Story Points",
    workflow: Workflow | None = None,
    exclude: tuple[str, ...] = ("Backlog",),
) -> Result:
    """Return the points done in each sprint, in the order of time, and their average.

    Sprints that have not begun are left out; one in which nothing was done counts 0.

    Args:
        frames: of a project.
        window: how many sprints the moving average takes in.
        points: the field with the points; None to count issues.
        workflow: its `done` statuses count; by default every closed status is.
        exclude: versions that are not sprints.
    """
    done = _done_issues(frames, workflow)
    table = _by_sprint(frames, done, {"points": frames.numbers(points)}, exclude)
    table["average"] = table["points"].rolling(window, min_periods=1).mean()
    title = "Velocity" if points else "Velocity in issues"
    return Result(
        "velocity", title, _velocity_text(table, window), table, {"window": window}
    )


def _velocity_text(table: pd.DataFrame, window: int) -> str:
    if table.empty:
        return "Velocity: no sprint has begun yet."
    low, high = table["points"].min(), table["points"].max()
    return (
        f"Bars of the points done in {len(table)} sprints, from {low:g} to {high:g};"
        f" the average of the last {min(window, len(table))} is"
        f" {table['average'].iloc[-1]:.1f}."
    )


def _done_issues(frames: Frames, workflow: Workflow | None) -> pd.Series:
    issues = frames.issues
    if workflow is None:
        return issues["is_closed"].astype(bool)
    return issues["status"].isin(list(workflow.done))


def _by_sprint(
    frames: Frames,
    chosen: pd.Series,
    values: dict[str, pd.Series],
    exclude: tuple[str, ...],
) -> pd.DataFrame:
    """Return sums of values by version: every sprint that has begun, in order."""
    versions = versions_in_order(frames, exclude)
    due = versions["due_date"]
    # Begun: the sprint before it is over.
    is_begun = due.shift(1).fillna(pd.Timestamp(0)) < frames.until.tz_localize(None)
    versions = versions[is_begun | due.isna()]
    issues = frames.issues[chosen]
    rows = pd.DataFrame({"version_id": issues["version_id"].to_numpy()})
    for name, column in values.items():
        rows[name] = column.reindex(issues["id"]).to_numpy(dtype="float64")
    sums = rows.groupby("version_id").sum().reindex(versions["id"]).fillna(0.0)
    table = pd.DataFrame({"due_date": versions["due_date"].to_numpy()})
    for name in values:
        table[name] = sums[name].to_numpy(dtype="float64")
    table.index = pd.Index(_unique_names(versions), name="version", dtype=object)
    return table


def _unique_names(versions: pd.DataFrame) -> list[str]:
    """Return the names of versions, with the project if two have the same name."""
    twins = versions["name"].duplicated(keep=False)
    return [
        f"{name} ({project})" if is_twin else str(name)
        for name, project, is_twin in zip(
            versions["name"], versions["project"], twins, strict=True
        )
    ]


def estimates(
    frames: Frames,
    *,
    points: str | None = "Story Points",
    workflow: Workflow | None = None,
    exclude: tuple[str, ...] = ("Backlog",),
) -> Result:
    """Compare estimates in points and in hours with the hours spent, by sprint.

    Only work that is done counts. Hours are those of each issue itself, not of its
    subtasks, so that nothing is counted twice. The facts are the correlations of the
    issues' points, estimated and spent hours, with two of them known and spent over 0.

    Args:
        frames: of a project.
        points: the field with the points.
        workflow: its `done` statuses count; by default every closed status is.
        exclude: versions that are not sprints.
    """
    done = _done_issues(frames, workflow)
    by_id = frames.issues.set_index("id")
    spent = by_id["spent_hours"]
    values = {
        "points": frames.numbers(points),
        "estimated_hours": by_id["estimated_hours"],
        "spent_hours": spent,
    }
    table = _by_sprint(frames, done, values, exclude)
    hours = table["spent_hours"]
    table["hours_per_point"] = hours / table["points"].replace(0.0, np.nan)
    table["spent_to_estimated"] = hours / table["estimated_hours"].replace(0.0, np.nan)
    known = pd.DataFrame(values)[done.to_numpy()]
    known["spent_hours"] = known["spent_hours"].replace(0.0, np.nan)
    facts = {
        f"correlation of {a} and {b}": _correlation(known[one], known[other])
        for a, b, one, other in (
            ("points", "spent hours", "points", "spent_hours"),
            ("estimated", "spent hours", "estimated_hours", "spent_hours"),
            ("points", "estimated hours", "points", "estimated_hours"),
        )
    }
    total = table[["points", "estimated_hours", "spent_hours"]].sum()
    text = (
        f"Points, estimated and spent hours of {len(table)} sprints: {total['points']:g}"
        f" points, {total['estimated_hours']:g} hours estimated and"
        f" {total['spent_hours']:g} spent."
    )
    return Result("estimates", "Estimates against reality", text, table, facts)


def _correlation(one: pd.Series, other: pd.Series) -> float:
    both = one.notna() & other.notna()
    one, other = one[both], other[both]
    if len(one) < _FEWEST or one.nunique() == 1 or other.nunique() == 1:
        return float("nan")
    return float(np.corrcoef(one.to_numpy(), other.to_numpy())[0, 1])


def spillover(
    frames: Frames,
    *,
    workflow: Workflow | None = None,
    calendar: WorkCalendar = EVERY_DAY,
    exclude: tuple[str, ...] = ("Backlog",),
) -> Result:
    """Count the fates of the issues of each sprint that is over.

    Returns:
        By version: `committed` (in it when it began), `added` and `removed` until it
        ended (discarded work is removed), `completed` (in it and done at its end) and
        `carried_over` (in it and not done), in issues.

    Raises:
        FieldError: no version has a due date.
    """
    workflow = workflow or Workflow.of(frames)
    bounds = sprint_bounds(frames, calendar, exclude)
    bounds = bounds[pd.to_datetime(bounds["last_day"]) < frames.until.tz_localize(None)]
    if bounds.empty:
        message = "spillover needs a version whose due date is over; Redmine has none."
        raise FieldError(message)
    starts = _midnights(bounds["first_day"], calendar)
    ends = _midnights(bounds["last_day"], calendar, after=1)
    versions = version_history(frames)
    at_start, at_end = values_at(versions, starts), values_at(versions, ends)
    done = values_at(done_history(frames, workflow), ends)
    rows = []
    for i, number in enumerate(bounds.index):
        first = at_start.iloc[:, i] == number
        last = at_end.iloc[:, i] == number
        is_done, is_open = done.iloc[:, i] == 1, done.iloc[:, i] == 0
        rows.append(
            {
                "committed": int(first.sum()),
                "added": int((last & ~first).sum()),
                "removed": int((first & ~(last & (is_done | is_open))).sum()),
                "completed": int((last & is_done).sum()),
                "carried_over": int((last & is_open).sum()),
            }
        )
    table = pd.DataFrame(
        rows, index=pd.Index(bounds["name"], name="version", dtype=object)
    )
    share = table["completed"].sum() / max(
        table[["committed", "added"]].to_numpy().sum(), 1
    )
    text = (
        f"The fates of the issues of {len(table)} sprints: {table['completed'].sum()}"
        f" were completed, {table['carried_over'].sum()} carried over and"
        f" {table['removed'].sum()} taken out."
    )
    return Result(
        "spillover",
        "Spill-over between sprints",
        text,
        table,
        {"completed share": float(share)},
    )


def _midnights(
    days: pd.Series, calendar: WorkCalendar, after: int = 0
) -> pd.DatetimeIndex:
    moments = pd.DatetimeIndex(pd.to_datetime(days)) + pd.Timedelta(days=after)
    return moments.tz_localize(
        calendar.time_zone,
        ambiguous=np.ones(len(moments), dtype=bool),
        nonexistent="shift_forward",
    )


def done_history(frames: Frames, workflow: Workflow) -> pd.DataFrame:
    """Return whether issues were done over time: 1, 0, or NaN if discarded."""
    found = stage_intervals(frames, workflow)
    done = [float(workflow.order.index(name)) for name in workflow.done]
    value = found["stage"].isin(done).astype("float64").where(found["stage"].notna())
    return pd.DataFrame(
        {"issue_id": found["issue_id"], "start": found["start"], "value": value}
    )
