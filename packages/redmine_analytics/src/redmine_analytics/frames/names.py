"""The names of the ids in journals: of lists, and else as last seen in an issue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from redmine_analytics.read.cache import Record
from redmine_analytics.read.client import Payload

__all__ = ["Names"]

# The names of a journal's fields, and where the names of their values come from.
_KINDS = {
    "assigned_to_id": "users",
    "author_id": "users",
    "category_id": "categories",
    "fixed_version_id": "versions",
    "priority_id": "issue_priorities",
    "project_id": "projects",
    "status_id": "issue_statuses",
    "tracker_id": "trackers",
}
_IN_ISSUES = {
    "assigned_to": "users",
    "author": "users",
    "category": "categories",
    "fixed_version": "versions",
    "priority": "issue_priorities",
    "project": "projects",
    "status": "issue_statuses",
    "tracker": "trackers",
}


class Names:
    """Names by kind and id.

    The lists are read in every run. A name that only issues have, such as of a user, is
    that of the issue read last: renaming somebody does not change their issues.
    """

    def __init__(self, record: Record) -> None:
        self._names: dict[str, dict[int, str]] = {
            kind: {} for kind in {*_IN_ISSUES.values(), "custom_fields"}
        }
        for issue in record.issues:
            self._learn(issue)
        for kind, names in self._names.items():
            for row in record.lists.get(kind, ()):
                names[row["id"]] = row["name"]

    def _learn(self, issue: Payload) -> None:
        for key, kind in _IN_ISSUES.items():
            if value := issue.get(key):
                self._names[kind][value["id"]] = value["name"]
        for journal in issue.get("journals", ()):
            if user := journal.get("user"):
                self._names["users"][user["id"]] = user["name"]
        for field in issue.get("custom_fields", ()):
            self._names["custom_fields"][field["id"]] = field["name"]

    def of(self, kind: str, number: int | None) -> str | None:
        """Return a name; None for an id that is deleted or hidden, and for None."""
        return None if number is None else self._names[kind].get(number)

    def of_value(self, field: str, value: str | None) -> str | None:
        """Return the name of a journal's value, or the value if it is not an id."""
        kind = _KINDS.get(field)
        if kind is None or value is None:
            return value
        return self._names[kind].get(int(value)) if value.isdecimal() else None

    def custom_fields(self) -> dict[int, str]:
        """Return the name of each custom field, by its id."""
        return self._names["custom_fields"]


def column_names(names: Mapping[int, str], taken: Iterable[str] = ()) -> dict[int, str]:
    """Return a column for each id: its name, with the id if others have that name.

    >>> column_names({1: "Story Points", 2: "Team", 3: "Team"})
    {1: 'Story Points', 2: 'Team (cf_2)', 3: 'Team (cf_3)'}
    """
    counts = Counter([*names.values(), *taken])
    return {
        number: name if counts[name] == 1 else f"{name} (cf_{number})"
        for number, name in names.items()
    }
