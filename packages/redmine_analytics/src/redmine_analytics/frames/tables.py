"""The frames of issues, versions and time entries: one row each, typed columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from redmine_analytics.frames.names import Names, column_names
from redmine_analytics.read.client import Payload

__all__ = [
    "custom_columns",
    "gone_frame",
    "issues_frame",
    "natural_key",
    "time_entries_frame",
    "typed",
    "versions_frame",
]

INTEGERS = "Int64"
TIMES = "datetime64[ns, UTC]"
DATES = "datetime64[ns]"
_ISSUES = {
    "id": "int64",
    "project_id": INTEGERS,
    "project": "string",
    "tracker": "string",
    "status_id": INTEGERS,
    "status": "string",
    "is_closed": "bool",
    "priority": "string",
    "subject": "string",
    "author": "string",
    "assignee": "string",
    "category": "string",
    "version_id": INTEGERS,
    "version": "string",
    "parent_id": INTEGERS,
    "is_private": "bool",
    "start_date": DATES,
    "due_date": DATES,
    "done_ratio": INTEGERS,
    "estimated_hours": "float64",
    "spent_hours": "float64",
    "total_estimated_hours": "float64",
    "total_spent_hours": "float64",
    "created_on": TIMES,
    "updated_on": TIMES,
    "closed_on": TIMES,
}
_VERSIONS = {
    "id": "int64",
    "name": "string",
    "project_id": INTEGERS,
    "project": "string",
    "status": "string",
    "sharing": "string",
    "due_date": DATES,
    "created_on": TIMES,
    "updated_on": TIMES,
}
_TIME_ENTRIES = {
    "id": "int64",
    "issue_id": INTEGERS,
    "project_id": INTEGERS,
    "project": "string",
    "user": "string",
    "activity": "string",
    "hours": "float64",
    "spent_on": DATES,
    "comments": "string",
    "created_on": TIMES,
}
_GONE = {
    "id": "int64",
    "reason": "string",
    "project": "string",
    "noticed_at": TIMES,
}


def typed(columns: Mapping[str, list[Any]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """Return a frame with these types, also if it has no row."""
    frame = {}
    for name, dtype in dtypes.items():
        values = columns[name]
        if dtype in (TIMES, DATES):
            times = pd.to_datetime(
                pd.Series(values, dtype=object), utc=dtype == TIMES, format="ISO8601"
            )
            frame[name] = times.astype(dtype)
        else:
            frame[name] = pd.Series(values, dtype=dtype)
    return pd.DataFrame(frame)


def _columns(
    rows: Iterable[Mapping[str, Any]], names: Iterable[str]
) -> dict[str, list[Any]]:
    rows = list(rows)
    return {name: [row.get(name) for row in rows] for name in names}


def issues_frame(
    issues: Iterable[Payload],
    names: Names,
    closed_statuses: set[int],
    time_entries: pd.DataFrame,
    versions: set[int],
) -> pd.DataFrame:
    """Return one row for each issue, ordered by id, with its custom fields.

    Hours spent are summed from the time entries, and totals along the tree: logging time
    does not touch an issue, so the sums in its own JSON may be old.
    """
    issues = sorted(issues, key=lambda issue: int(issue["id"]))
    rows = [_issue_row(issue, names, closed_statuses, versions) for issue in issues]
    columns = _columns(rows, _ISSUES)
    frame = typed(columns, _ISSUES)
    spent = time_entries.groupby("issue_id")["hours"].sum()
    frame["spent_hours"] = frame["id"].map(spent).astype("float64").fillna(0.0)
    for total, own in (
        ("total_estimated_hours", "estimated_hours"),
        ("total_spent_hours", "spent_hours"),
    ):
        frame[total] = _tree_totals(frame, own)
    custom = _custom_columns(issues, names)
    return pd.concat([frame, custom], axis="columns")


def _issue_row(
    issue: Payload, names: Names, closed_statuses: set[int], versions: set[int]
) -> dict[str, Any]:
    def number(key: str) -> int | None:
        value = issue.get(key)
        return None if value is None else int(value["id"])

    version = number("fixed_version")
    # Deleting a version does not touch its issues; the list of versions is complete.
    version = version if version in versions else None
    status = number("status")
    return {
        **issue,
        "project_id": number("project"),
        "project": names.of("projects", number("project")),
        "tracker": names.of("trackers", number("tracker")),
        "status_id": status,
        "status": names.of("issue_statuses", status),
        "is_closed": status in closed_statuses,
        "priority": names.of("issue_priorities", number("priority")),
        "author": names.of("users", number("author")),
        "assignee": names.of("users", number("assigned_to")),
        "category": names.of("categories", number("category")),
        "version_id": version,
        "version": names.of("versions", version),
        "parent_id": number("parent"),
        "is_private": bool(issue.get("is_private", False)),
    }


def _tree_totals(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return the sum of an issue and all issues below it; NaN if none has a value."""
    own = dict(zip(frame["id"], frame[column], strict=True))
    parents = {
        child: parent
        for child, parent in zip(frame["id"], frame["parent_id"], strict=True)
        if not pd.isna(parent)
    }
    totals = dict(own)
    for child in parents:
        value = own[child]
        above, seen = parents.get(child), {child}
        while above in totals and above not in seen and not pd.isna(value):
            before = totals[above]
            totals[above] = value if pd.isna(before) else before + value
            seen.add(above)
            above = parents.get(above)
    return frame["id"].map(totals).astype("float64")


def _custom_columns(issues: list[Payload], names: Names) -> pd.DataFrame:
    columns = custom_columns(names)
    values: dict[int, list[Any]] = {number: [] for number in sorted(columns)}
    for issue in issues:
        own = {f["id"]: f.get("value") for f in issue.get("custom_fields", ())}
        for number, column in values.items():
            value = own.get(number)
            if isinstance(value, list):  # a field with several values
                value = ", ".join(value)
            column.append(value if value != "" else None)
    return pd.DataFrame(
        {columns[n]: pd.Series(column, dtype="string") for n, column in values.items()},
        index=pd.RangeIndex(len(issues)),
    )


def custom_columns(names: Names) -> dict[int, str]:
    """Return the column of each custom field in the frame of issues, by its id."""
    return column_names(names.custom_fields(), taken=_ISSUES)


def versions_frame(versions: Iterable[Payload]) -> pd.DataFrame:
    """Return the versions in the order of time.

    That is the order of their due dates; versions without one come last, and versions
    of one day in natural order: Sprint 2 before Sprint 10.
    """
    rows = [
        {
            **version,
            "project_id": version["project"]["id"],
            "project": version["project"]["name"],
        }
        for version in versions
    ]
    rows.sort(
        key=lambda row: (row.get("due_date") or "9999-12-31", natural_key(row["name"]))
    )
    return typed(_columns(rows, _VERSIONS), _VERSIONS)


def natural_key(name: str) -> tuple[tuple[bool, int, str], ...]:
    """Return a key that sorts numbers in names by value.

    >>> sorted(["Sprint 10", "Sprint 9", "Sprint 1"], key=natural_key)
    ['Sprint 1', 'Sprint 9', 'Sprint 10']
    """
    return tuple(
        (part.isdecimal(), int(part) if part.isdecimal() else 0, part.casefold())
        for part in re.split(r"([0-9]+)", name)
        if part
    )


def time_entries_frame(entries: Iterable[Payload]) -> pd.DataFrame:
    """Return one row for each time entry, ordered by id."""
    rows = [
        {
            **entry,
            "issue_id": (entry.get("issue") or {}).get("id"),
            "project_id": entry["project"]["id"],
            "project": entry["project"]["name"],
            "user": entry["user"]["name"],
            "activity": entry["activity"]["name"],
        }
        for entry in sorted(entries, key=lambda entry: int(entry["id"]))
    ]
    return typed(_columns(rows, _TIME_ENTRIES), _TIME_ENTRIES)


def gone_frame(gone: Iterable[Payload]) -> pd.DataFrame:
    """Return the issues that vanished: deleted, hidden, or moved to a project."""
    return typed(_columns(gone, _GONE), _GONE)
