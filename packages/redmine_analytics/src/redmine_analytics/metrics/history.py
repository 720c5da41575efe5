"""The value of a field at any time, such as the version or the points of an issue."""

from __future__ import annotations

import itertools
from datetime import date

import numpy as np
import pandas as pd

from redmine_analytics.frames import Frames
from redmine_analytics.metrics.calendars import WorkCalendar

__all__ = ["sprint_bounds", "values_at", "version_history", "versions_in_order"]


def _history(frames: Frames, field: str, present: pd.Series) -> pd.DataFrame:
    """Return the values of a field: `issue_id`, `start`, `value`, ordered by time.

    The first value of an issue is the old value of its first change, or the present one.
    """
    changes = frames.fields[frames.fields["field"] == field]
    created = frames.issues.set_index("id")["created_on"]
    first = changes.groupby("issue_id", sort=False)["old_value"].first()
    initial = present.astype(object).copy()
    known = initial.index.isin(first.index)
    initial[known] = first.reindex(initial.index[known]).to_numpy(dtype=object)
    begin = pd.DataFrame(
        {
            "issue_id": initial.index,
            "start": created.reindex(initial.index).to_numpy(),
            "value": initial.to_numpy(dtype=object),
        }
    )
    later = pd.DataFrame(
        {
            "issue_id": changes["issue_id"].to_numpy(),
            "start": changes["at"].to_numpy(),
            "value": changes["new_value"].to_numpy(dtype=object),
        }
    )
    found = pd.concat([begin, later], ignore_index=True) if len(later) else begin
    found["start"] = pd.to_datetime(found["start"], utc=True)
    found["value"] = pd.to_numeric(found["value"], errors="coerce").astype("float64")
    # Stable: changes of one second keep their order.
    return found.sort_values(["issue_id", "start"], kind="stable", ignore_index=True)


def version_history(frames: Frames) -> pd.DataFrame:
    """Return the versions that issues were in, by number; NaN for none."""
    present = frames.issues.set_index("id")["version_id"]
    return _history(frames, "fixed_version_id", present)


def points_history(frames: Frames, points: str | None) -> pd.DataFrame:
    """Return the points of issues over time; each counts 1 without a field."""
    present = frames.numbers(points)
    if frames.issues.empty:
        points = None
    names = frames.fields["name"]
    changes = frames.fields[names == (frames.column(points) if points else "")]
    field = changes["field"].iloc[0] if len(changes) else ""
    if not field and points and frames.column(points) == "estimated_hours":
        field = "estimated_hours"
    return _history(frames, field, present)


def values_at(history: pd.DataFrame, times: pd.DatetimeIndex) -> pd.DataFrame:
    """Return the value of each issue at each time: NaN before its creation.

    Args:
        history: `issue_id`, `start` and `value`, ordered by issue and time.
        times: in ascending order.

    Returns:
        One row for each issue, one column for each time.
    """
    moments = times.tz_convert("UTC").as_unit("ns").asi8
    starts = pd.DatetimeIndex(history["start"]).as_unit("ns").asi8
    numbers = history["issue_id"].to_numpy()
    values = history["value"].to_numpy(dtype="float64")
    is_first = np.r_[True, numbers[1:] != numbers[:-1]][: len(numbers)]
    bounds = np.r_[np.flatnonzero(is_first), len(numbers)]
    rows = []
    for begin, end in itertools.pairwise(bounds):
        place = np.searchsorted(starts[begin:end], moments, side="right") - 1
        row = values[begin:end][np.maximum(place, 0)]
        rows.append(np.where(place < 0, np.nan, row))
    index = pd.Index(numbers[bounds[:-1]], name="issue_id")
    table = np.array(rows).reshape(len(index), len(times))
    return pd.DataFrame(table, index=index, columns=times)


def versions_in_order(
    frames: Frames, exclude: tuple[str, ...] = ("Backlog",)
) -> pd.DataFrame:
    """Return the versions that are sprints, in the order of time.

    If any version has a due date, those without one are not sprints.
    """
    versions = frames.versions[~frames.versions["name"].isin(list(exclude))]
    if versions["due_date"].notna().any():
        versions = versions[versions["due_date"].notna()]
    return versions


def sprint_bounds(
    frames: Frames, calendar: WorkCalendar, exclude: tuple[str, ...] = ("Backlog",)
) -> pd.DataFrame:
    """Return the first and the last day of each sprint, by version id.

    Redmine keeps the last day only: a sprint begins on the day after the one before it
    ends, and the first one on the day that its version was created.
    """
    versions = versions_in_order(frames, exclude)
    versions = versions[versions["due_date"].notna()]
    rows, before = [], None
    for version in versions.itertuples():
        last = version.due_date.date()
        if before is None or before >= last:
            local = version.created_on.tz_convert(calendar.time_zone)
            first = min(local.date(), last) if before is None else last
        else:
            first = date.fromordinal(before.toordinal() + 1)
        rows.append((version.id, version.name, first, last))
        before = last
    found = pd.DataFrame(rows, columns=["id", "name", "first_day", "last_day"])
    return found.set_index("id")
