"""What a load did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Counts", "Report"]

_CHANGES = ("created", "updated", "unchanged", "ignored", "repeated", "deleted")


@dataclass
class Counts:
    """What became of the objects of one model: each is in one of the first five counts.

    Attributes:
        created: rows that were not there.
        updated: rows that were there and differed, or whose many-to-many fields did.
        unchanged: rows that were there as they are.
        ignored: rows that were there and were to be left alone.
        repeated: objects that were not written since another one of the stream has the
            same key.
        deleted: rows that the stream did not hold.
        saved: objects that were saved one by one; they are among those above.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    ignored: int = 0
    repeated: int = 0
    deleted: int = 0
    saved: int = 0

    def __str__(self) -> str:
        counts = [f"{getattr(self, name)} {name}" for name in _CHANGES[:3]]
        counts += [
            f"{count} {name}" for name in _CHANGES[3:] if (count := getattr(self, name))
        ]
        one_by_one = f" ({self.saved} saved one by one)" if self.saved else ""
        return ", ".join(counts) + one_by_one


@dataclass
class Report:
    """What a load did.

    Attributes:
        read: how many objects the stream held.
        loaded: how many of them were not left out.
        models: what was written, by the label of the model.
        slow: why the objects of a model were saved one by one, by its label.
        is_end_certain: whether the stream's end was marked, so that nothing is missing.
        is_dry_run: whether all of it was undone.
    """

    read: int = 0
    loaded: int = 0
    models: dict[str, Counts] = field(default_factory=dict)
    slow: dict[str, str] = field(default_factory=dict)
    is_end_certain: bool = False
    is_dry_run: bool = False

    def of(self, label: str) -> Counts:
        """Return the counts of a model."""
        return self.models.setdefault(label, Counts())

    def lines(self) -> Iterator[str]:
        """Yield a line of text for each model, by name."""
        for label in sorted(self.models):
            yield f"{label}: {self.models[label]}"

    def as_dict(self) -> dict[str, Any]:  # Any: what JSON can hold
        """Return the report as JSON can hold it."""
        values = asdict(self)
        values["dry_run"] = values.pop("is_dry_run")
        return values
