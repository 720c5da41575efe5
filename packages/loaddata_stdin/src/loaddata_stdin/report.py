"""What a load did."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Counts", "Report"]


@dataclass
class Counts:
    """How many objects of one model were written.

    Attributes:
        created: rows that were not there.
        updated: rows that were there and differed.
        unchanged: rows that were there as they are; they were not written.
        saved: objects that were saved one by one.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    saved: int = 0


@dataclass
class Report:
    """What a load did.

    Attributes:
        read: how many objects the stream held.
        loaded: how many of them were not left out.
        models: what was written, by the label of the model.
        slow: why the objects of a model were saved one by one, by its label.
        is_end_certain: whether the stream's end was marked, so that nothing is missing.
    """

    read: int = 0
    loaded: int = 0
    models: dict[str, Counts] = field(default_factory=dict)
    slow: dict[str, str] = field(default_factory=dict)
    is_end_certain: bool = False

    def of(self, label: str) -> Counts:
        """Return the counts of a model."""
        return self.models.setdefault(label, Counts())
