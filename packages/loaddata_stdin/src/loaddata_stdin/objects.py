"""What a fixture holds, one serialised object at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = [
    "ABSENT",
    "FixtureObject",
    "Place",
    "Written",
    "native",
    "one_line",
    "short",
    "written",
]

# The primary key of an object that has none in the fixture.
ABSENT = object()
_LONGEST = 60


class Written(NamedTuple):
    """A scalar of YAML that reads as something else than what was written.

    `010` is 8, `no` is False and `1:20` is 80 in YAML 1.1; a text field wants what was
    written.
    """

    value: Any  # What a YAML 1.1 parser makes of it.
    text: str


def one_line(value: object) -> str:
    """Return a value without line ends, and without what moves a terminal's cursor."""
    text = " ".join(str(value).split())
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def short(value: object) -> str:
    """Return a value of the fixture as one that does not fill a message."""
    text = one_line(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def native(value: Any) -> Any:
    """Return a value with what YAML makes of every scalar in it."""
    if isinstance(value, Written):
        return value.value
    if isinstance(value, list):
        return [native(item) for item in value]
    if isinstance(value, dict):
        return {key: native(item) for key, item in value.items()}
    return value


def written(value: Any) -> Any:
    """Return a value with every scalar in it, and in its lists, as it was written."""
    if isinstance(value, Written):
        return value.text
    if isinstance(value, list):
        return [written(item) for item in value]
    return value


class Place(NamedTuple):
    """Where an object stands in a stream, for a message.

    Attributes:
        number: of the object, from 1.
        line: where it begins, or one of its fields.
        column: the same in the line.
        label: of the model.
        pk: the primary key; None where there is none, or where it is a secret.
    """

    number: int
    line: int
    column: int
    label: str
    pk: Any = None

    def __str__(self) -> str:
        shown = "" if self.pk is None else f" pk={short(self.pk)}"
        return (
            f"line {self.line}, column {self.column}, object {self.number}"
            f" ({short(self.label)}{shown})"
        )


@dataclass(slots=True)
class FixtureObject:
    """One serialised object of a stream.

    Attributes:
        number: its place among the objects of the stream, from 1.
        line: where it begins, from 1.
        column: where it begins in the line, from 1, in characters.
        format: "json", "yaml" or "xml", in which it was written. XML holds text only.
        values: the mapping with `model`, `fields` and perhaps `pk`. Scalars of YAML may
            be `Written`, as values of fields and in lists there.
    """

    number: int
    line: int
    column: int
    format: str
    values: dict[str, Any]  # Any: whatever JSON or YAML can hold

    @property
    def model(self) -> str:
        """Return the label of the model, as it was written."""
        label: str = self.values["model"]
        return label

    @property
    def pk(self) -> Any:
        """Return the primary key, or ABSENT; None is what the fixture says."""
        return self.values.get("pk", ABSENT)

    @property
    def fields(self) -> dict[str, Any]:
        """Return the values of the fields by name."""
        fields: dict[str, Any] = self.values["fields"]
        return fields

    @property
    def place(self) -> Place:
        """Return where it stands."""
        pk = self.values.get("pk")
        shown = pk.text if isinstance(pk, Written) else pk
        return Place(self.number, self.line, self.column, self.model, shown)

    def __str__(self) -> str:
        return str(self.place)
