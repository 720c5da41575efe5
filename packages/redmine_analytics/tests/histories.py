"""Small histories written as text, for tests of metrics."""

from __future__ import annotations

from datetime import datetime, timezone

from redmine_analytics.frames import build_frames
from redmine_analytics.read.cache import Record

NAMES = ["New", "In Progress", "Waiting", "Closed", "Rejected"]
STATUSES = [
    {"id": i + 1, "name": name, "is_closed": name in ("Closed", "Rejected")}
    for i, name in enumerate(NAMES)
]
READ_AT = datetime(2026, 7, 31, 12, tzinfo=timezone.utc)


def moment(text):
    """Return `6` or `6 12:30` as a time in July 2026."""
    day, _, clock = text.partition(" ")
    return f"2026-07-{int(day):02}T{clock or '00:00'}:00Z"


def card(number, *moves, created="1", points=None, version=None, **values):
    """Return an issue: each move is (time, status), or (time, field, old, new)."""
    status, journals = "New", []
    for i, (at, *change) in enumerate(moves):
        if len(change) == 1:
            [new] = change
            detail = (
                "attr",
                "status_id",
                *(str(NAMES.index(n) + 1) for n in (status, new)),
            )
            status = new
        else:
            field, old, new = change
            kind = "cf" if field == "points" else "attr"
            detail = (kind, "1" if field == "points" else field, old, new)
        keys = ("property", "name", "old_value", "new_value")
        journals.append(
            {
                "id": number * 100 + i,
                "user": {"id": 1, "name": "Maya"},
                "created_on": moment(at),
                "details": [dict(zip(keys, detail, strict=True))],
            }
        )
    reference = {"id": 1, "name": "Devops"}
    issue = {
        "id": number,
        "project": reference,
        "tracker": reference,
        "priority": reference,
        "author": reference,
        "status": {"id": NAMES.index(status) + 1, "name": status},
        "subject": f"Card {number}",
        "created_on": moment(created),
        "updated_on": journals[-1]["created_on"] if journals else moment(created),
        "closed_on": None,
        "custom_fields": [
            {
                "id": 1,
                "name": "Story Points",
                "value": "" if points is None else str(points),
            }
        ],
        "journals": journals,
        **values,
    }
    if version:
        issue["fixed_version"] = {"id": version, "name": "?"}
    return issue


def sprint(number, due, name=None, created="2026-07-01T00:00:00Z"):
    """Return a version with a due date, which is a day of July 2026 or None."""
    return {
        "id": number,
        "name": name or f"Sprint {number}",
        "project": {"id": 1, "name": "Devops"},
        "status": "open",
        "sharing": "none",
        "due_date": due and f"2026-07-{due:02}",
        "created_on": created,
        "updated_on": created,
    }


def spent(number, issue, hours):
    reference = {"id": 1, "name": "?"}
    return {
        "id": number,
        "issue": {"id": issue},
        "project": reference,
        "user": reference,
        "activity": reference,
        "hours": hours,
        "spent_on": "2026-07-02",
        "comments": "",
        "created_on": moment("2"),
    }


def history(*cards, versions=(), time_entries=(), read_at=READ_AT):
    """Return the frames of cards."""
    lists = {
        "issue_statuses": STATUSES,
        "versions": list(versions),
        "time_entries": list(time_entries),
    }
    return build_frames(Record("https://redmine.example", read_at, list(cards), lists))
