"""All frames of a project, built from the record of a cache."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone

import pandas as pd

from redmine_analytics.exceptions import FieldError
from redmine_analytics.frames import history, tables
from redmine_analytics.frames.names import Names
from redmine_analytics.read.cache import Record

__all__ = ["Frames", "build_frames"]

_STATUSES = {"id": "int64", "name": "string", "is_closed": "bool"}


@dataclass(frozen=True, repr=False)
class Frames:
    """The history of a project; `docs/reference.md` lists every column.

    Args:
        issues: one row for each issue, with its custom fields.
        versions: in the order of time.
        transitions: of statuses; the first row of each issue is its creation.
        fields: every other change.
        time_entries: one row for each.
        statuses: in the order that the administrator gave them.
        gone: issues that vanished, and why.
        read_at: when they were read from the server.
    """

    issues: pd.DataFrame
    versions: pd.DataFrame
    transitions: pd.DataFrame
    fields: pd.DataFrame
    time_entries: pd.DataFrame
    statuses: pd.DataFrame
    gone: pd.DataFrame
    read_at: datetime

    def __repr__(self) -> str:
        hours = self.age().total_seconds() / 3600
        return (
            f"<Frames: {len(self.issues)} issues, {len(self.versions)} versions,"
            f" {len(self.transitions)} transitions, {len(self.fields)} field changes,"
            f" {len(self.time_entries)} time entries, read {hours:.1f} h ago>"
        )

    def age(self, now: datetime | None = None) -> timedelta:
        """Return how long ago the server was asked."""
        return (now or datetime.now(timezone.utc)) - self.read_at

    @property
    def until(self) -> pd.Timestamp:
        """The time up to which the history is known."""
        return pd.Timestamp(self.read_at)

    def column(self, name: str) -> str:
        """Return the column of the issues with this name, in any case.

        Raises:
            FieldError: there is none, or several custom fields have the name.
        """
        columns = list(self.issues.columns)
        if name in columns:
            return name
        wanted = name.casefold()
        found = [c for c in columns if c.casefold() == wanted]
        if len(found) == 1:
            return str(found[0])
        twins = [c for c in columns if c.casefold().startswith(f"{wanted} (cf_")]
        if twins or found:
            message = f"{name!r}: several fields have this name; give one of {', '.join(twins or found)}."
            raise FieldError(message)
        message = (
            f"{name!r}: no issue has such a field; there are {', '.join(columns)}."
        )
        raise FieldError(message)

    def numbers(self, name: str | None) -> pd.Series:
        """Return a column as numbers, by the id of the issue; 1 for each without name.

        Raises:
            FieldError: no such column, or it holds something other than numbers.
        """
        index = pd.Index(self.issues["id"], name="issue_id")
        if name is None or self.issues.empty:
            return pd.Series(1.0, index=index)
        try:
            column = self.issues[self.column(name)]
        except FieldError as error:
            message = f"{error} Without points, None (--count-issues) counts issues."
            raise FieldError(message) from None
        values = pd.to_numeric(column, errors="coerce").astype("float64")
        wrong = column[values.isna() & column.notna()]
        if len(wrong):
            issue = self.issues.loc[wrong.index[0], "id"]
            message = f"issue {issue}: {name!r} is {wrong.iloc[0]!r}, not a number; name another field."
            raise FieldError(message)
        return pd.Series(values.to_numpy(dtype="float64"), index=index)

    def select(self, ids: Collection[int]) -> Frames:
        """Return the frames of these issues only; versions and statuses stay."""

        def rows(frame: pd.DataFrame, column: str) -> pd.DataFrame:
            return frame[frame[column].isin(list(ids))].reset_index(drop=True)

        return replace(
            self,
            issues=rows(self.issues, "id"),
            transitions=rows(self.transitions, "issue_id"),
            fields=rows(self.fields, "issue_id"),
            time_entries=rows(self.time_entries, "issue_id"),
        )


def build_frames(record: Record) -> Frames:
    """Return the frames of a record."""
    names = Names(record)
    versions = record.lists.get("versions", [])
    statuses = record.lists.get("issue_statuses", [])
    entries = tables.time_entries_frame(record.lists.get("time_entries", ()))
    closed = {row["id"] for row in statuses if row.get("is_closed")}
    return Frames(
        issues=tables.issues_frame(
            record.issues, names, closed, entries, {v["id"] for v in versions}
        ),
        versions=tables.versions_frame(versions),
        transitions=history.transitions_frame(record.issues, names),
        fields=history.fields_frame(record.issues, names),
        time_entries=entries,
        statuses=tables.typed(
            {
                "id": [row["id"] for row in statuses],
                "name": [row["name"] for row in statuses],
                "is_closed": [bool(row.get("is_closed")) for row in statuses],
            },
            _STATUSES,
        ),
        gone=tables.gone_frame(record.gone),
        read_at=record.read_at,
    )
