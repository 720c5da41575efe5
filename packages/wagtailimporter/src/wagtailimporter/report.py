"""What a run did, or would do, in numbers and by name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from wagtailimporter.plan.records import Kind

__all__ = ["Action", "Report"]

_ACTIONS = ("created", "updated", "deleted", "restored", "kept", "unchanged")


@dataclass(frozen=True)
class Action:
    """What happened to one object.

    It was `created`, `updated` or `deleted`; its missing file was `restored`; it differs and was
    `kept` as it is, since the run only creates; or it is `unchanged`.
    """

    kind: Kind
    name: str
    action: str


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
