"""YAML as values that remember where they stand; nothing is interpreted yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

__all__ = ["Mapping", "Place", "Scalar", "Sequence", "Value", "tagged"]


@dataclass(frozen=True)
class Place:
    """A position in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Scalar:
    """The text of one YAML scalar, as written.

    `is_null` says that YAML reads it as null (`~`, `null` or nothing at all),
    `is_plain` that it stands without quotes.
    """

    text: str
    is_null: bool
    is_plain: bool
    tag: str
    place: Place = field(compare=False)


@dataclass(frozen=True)
class Sequence:
    """A YAML list."""

    items: tuple[Value, ...]
    tag: str
    place: Place = field(compare=False)


@dataclass(frozen=True)
class Mapping:
    """A YAML mapping with text keys; `places` says where each key stands."""

    entries: dict[str, Value]
    tag: str
    place: Place = field(compare=False)
    places: dict[str, Place] = field(compare=False)


Value = Scalar | Sequence | Mapping


def tagged(values: Iterable[Value]) -> Iterator[Mapping]:
    """Yield every mapping with a tag, at any depth, in document order, once."""
    seen: set[int] = set()
    stack = list(values)[::-1]
    while stack:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, Mapping):
            if value.tag:
                yield value
            stack.extend(list(value.entries.values())[::-1])
        elif isinstance(value, Sequence):
            stack.extend(value.items[::-1])
