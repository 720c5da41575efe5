"""What a run did, or would do, in numbers, by name and field by field."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wagtailimporter.exceptions import ImportFailed
from wagtailimporter.parse.values import Place
from wagtailimporter.plan.records import Kind

__all__ = ["Action", "Change", "Report", "differences", "problems_as_data"]

_ACTIONS = ("created", "updated", "deleted", "restored", "kept", "unchanged")

Data = Any  # None, bool, int, float, str, or a list or mapping of them


@dataclass(frozen=True)
class Change:
    """One value that changes, by its path in a document: `body[0].heading`."""

    path: str
    before: Data
    after: Data

    def __str__(self) -> str:
        return f"{self.path}: {_short(self.before)} -> {_short(self.after)}"


def _short(value: Data) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:197]}..."


def differences(path: str, before: Data, after: Data) -> Iterator[Change]:
    """Yield what differs between two values, as deep as their structure is the same."""
    if before == after:
        return
    if _is_block(before) and _is_block(after) and before["type"] == after["type"]:
        step = f"{path}.{before['type']}"
        yield from differences(step, before["value"], after["value"])
    elif isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys([*before, *after]):
            step = f"{path}.{name}"
            yield from differences(step, before.get(name), after.get(name))
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            old = before[index] if index < len(before) else None
            new = after[index] if index < len(after) else None
            yield from differences(f"{path}[{index}]", old, new)
    else:
        yield Change(path, before, after)


def _is_block(value: Data) -> bool:
    return isinstance(value, dict) and value.keys() == {"type", "value"}


@dataclass(frozen=True)
class Action:
    """What happened to one object.

    It was `created`, `updated` or `deleted`; its missing file was `restored`; it differs
    and was `kept` as it is, as the options say; or it is `unchanged`.
    `changes` has what an update changes, if the run was asked for it.
    """

    kind: Kind
    name: str
    action: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Report:
    """The outcome of a run, object by object; `dry_run` means nothing was written."""

    actions: tuple[Action, ...]
    dry_run: bool = False

    def count(self, plural: str, action: str) -> int:
        """Return how many objects, of `pages` say, were `created`, say."""
        return sum(
            (item.kind.plural, item.action) == (plural, action) for item in self.actions
        )

    @property
    def kept(self) -> int:
        """The number of objects that differ from the files and were left alone."""
        return sum(item.action == "kept" for item in self.actions)

    @property
    def has_changes(self) -> bool:
        """Whether anything was, or would be, written."""
        return any(item.action not in ("kept", "unchanged") for item in self.actions)

    def summary(self) -> str:
        """Return one line: `34 pages created, 2 updated; 1 image created`."""
        kinds = dict.fromkeys(item.kind for item in self.actions)
        pages_first = sorted(kinds, key=lambda kind: kind.plural != "pages")
        line = "; ".join(map(self._summary_of, pages_first))
        prefix = "dry run, nothing written: " if self.dry_run else ""
        return f"{prefix}{line or 'the files describe nothing'}"

    def _summary_of(self, kind: Kind) -> str:
        counts = Counter(item.action for item in self.actions if item.kind == kind)
        present = [action for action in _ACTIONS if counts[action]]
        parts = [f"{counts[action]} {action}" for action in present]
        noun = kind.singular if counts[present[0]] == 1 else kind.plural
        parts[0] = f"{counts[present[0]]} {noun} {present[0]}"
        return ", ".join(parts)

    def lines(self) -> list[str]:
        """Return one line for each object: `created page /home/about-us/`."""
        return [f"{item.action} {item.name}" for item in self.actions]

    def diff(self) -> list[str]:
        """Return a line for each object that changes, and one for each of its values."""
        found = []
        for item in self.actions:
            if item.action not in ("kept", "unchanged"):
                found.append(f"{item.action} {item.name}")
                found += [f"  {change}" for change in item.changes]
        return found

    def as_data(self) -> dict[str, Data]:
        """Return the report as data for JSON."""
        return {
            "dry_run": self.dry_run,
            "summary": self.summary(),
            "actions": [
                {
                    "kind": item.kind.singular,
                    "name": item.name,
                    "action": item.action,
                    "changes": [vars(change) for change in item.changes],
                }
                for item in self.actions
            ],
            "problems": [],
        }


def problems_as_data(error: ImportFailed) -> dict[str, Data]:
    """Return why a run failed as data for JSON."""
    found = []
    for problem in error.problems:
        place = problem.place
        located = (
            {"file": place.file, "line": place.line, "column": place.column}
            if isinstance(place, Place)
            else {"file": place, "line": None, "column": None}
        )
        found.append({**located, "message": problem.message})
    return {"actions": [], "problems": found}
