"""The history of issues from their journals: status transitions and field changes.

A journal says what changed, not what was there at first: the first status is the old
value of the first change, or the present one. Where two journals do not fit together, for
instance since one was deleted, a row with `is_inferred` closes the gap, so that each
transition begins with the status that the one before it led to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from redmine_analytics.frames.names import Names
from redmine_analytics.frames.tables import INTEGERS, TIMES, custom_columns, typed
from redmine_analytics.read.client import Payload

__all__ = ["fields_frame", "intervals", "transitions_frame"]

_TRANSITIONS = {
    "issue_id": "int64",
    "at": TIMES,
    "from_id": INTEGERS,
    "from_status": "string",
    "to_id": INTEGERS,
    "to_status": "string",
    "user": "string",
    "is_inferred": "bool",
}
_FIELDS = {
    "issue_id": "int64",
    "at": TIMES,
    "property": "string",
    "field": "string",
    "name": "string",
    "old_value": "string",
    "new_value": "string",
    "old": "string",
    "new": "string",
    "user": "string",
}
_Change = tuple[str, str | None, int | None, int | None]  # at, user, from, to


def transitions_frame(issues: Iterable[Payload], names: Names) -> pd.DataFrame:
    """Return each issue's statuses: a row when it was created and one for each move."""
    columns: dict[str, list[Any]] = {name: [] for name in _TRANSITIONS}
    for issue in sorted(issues, key=lambda issue: int(issue["id"])):
        for at, user, old, new, is_inferred in _status_changes(issue):
            columns["issue_id"].append(issue["id"])
            columns["at"].append(at)
            columns["from_id"].append(old)
            columns["from_status"].append(names.of("issue_statuses", old))
            columns["to_id"].append(new)
            columns["to_status"].append(names.of("issue_statuses", new))
            columns["user"].append(user)
            columns["is_inferred"].append(is_inferred)
    return typed(columns, _TRANSITIONS)


def _status_changes(
    issue: Payload,
) -> Iterator[tuple[str, str | None, int | None, int | None, bool]]:
    moves = [
        (journal["created_on"], _user(journal), detail)
        for journal, detail in _details(issue)
        if detail["property"] == "attr" and detail["name"] == "status_id"
    ]
    present = issue["status"]["id"]
    status = _number(moves[0][2].get("old_value")) if moves else present
    author = (issue.get("author") or {}).get("name")
    yield issue["created_on"], author, None, status, False
    for at, user, detail in moves:
        old, new = _number(detail.get("old_value")), _number(detail.get("new_value"))
        if old != status:
            yield at, None, status, old, True
        yield at, user, old, new, False
        status = new
    if status != present:
        yield issue["updated_on"], None, status, present, True


def fields_frame(issues: Iterable[Payload], names: Names) -> pd.DataFrame:
    """Return every other change of a field, also of custom fields and versions.

    `field` is `fixed_version_id`, or `cf_1` for a custom field; `name` is the column of
    the frame of issues. `old_value` and `new_value` are as in the journal, and `old` and
    `new` are the names of ids, missing if they were deleted.
    """
    columns: dict[str, list[Any]] = {name: [] for name in _FIELDS}
    custom = custom_columns(names)
    for issue in sorted(issues, key=lambda issue: int(issue["id"])):
        for journal, detail in _details(issue):
            kind, field = detail["property"], detail["name"]
            if kind == "attr" and field == "status_id":
                continue
            old, new = detail.get("old_value"), detail.get("new_value")
            name: str | None = field
            if kind == "cf":
                name = custom.get(int(field))
                field = f"cf_{field}"
            columns["issue_id"].append(issue["id"])
            columns["at"].append(journal["created_on"])
            columns["property"].append(kind)
            columns["field"].append(field)
            columns["name"].append(name)
            columns["old_value"].append(old)
            columns["new_value"].append(new)
            is_attribute = kind == "attr"
            columns["old"].append(names.of_value(field, old) if is_attribute else old)
            columns["new"].append(names.of_value(field, new) if is_attribute else new)
            columns["user"].append(_user(journal))
    return typed(columns, _FIELDS)


def _details(issue: Payload) -> Iterator[tuple[Payload, Payload]]:
    """Yield the details of all journals in their order: times may be equal."""
    journals = issue.get("journals", ())
    for journal in sorted(journals, key=lambda j: (j["created_on"], j["id"])):
        for detail in journal.get("details", ()):
            yield journal, detail


def _user(journal: Payload) -> str | None:
    return (journal.get("user") or {}).get("name")


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def intervals(transitions: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Return how long each issue was in each status.

    The intervals of an issue cover the time from its creation to `until` without a gap
    or an overlap; the last one ends at `until`.

    Args:
        transitions: the frame.
        until: the end of time, as a rule when the data were read.
    """
    begun = transitions[transitions["at"] <= until]
    ends = begun.groupby("issue_id")["at"].shift(-1).fillna(until)
    return pd.DataFrame(
        {
            "issue_id": begun["issue_id"],
            "status_id": begun["to_id"],
            "status": begun["to_status"],
            "start": begun["at"],
            "end": ends.astype(TIMES),
        }
    ).reset_index(drop=True)
