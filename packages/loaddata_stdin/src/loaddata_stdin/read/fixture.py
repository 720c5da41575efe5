"""Read a fixture: bytes in, one serialised object after the other out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Literal

from loaddata_stdin.exceptions import FixtureSyntaxError
from loaddata_stdin.limits import Limits
from loaddata_stdin.objects import FixtureObject, short
from loaddata_stdin.read.decode_json import json_values
from loaddata_stdin.read.decode_xml import xml_values
from loaddata_stdin.read.decompress import utf8_chunks
from loaddata_stdin.read.sniff import format_of
from loaddata_stdin.read.source import Readable, Source

__all__ = ["FORMATS", "MARKS", "FixtureReader"]

# What tells that nothing is missing.
MARKS = """end YAML with '...', or send a last record {"count": N}"""

_MOST_KEYS = 5  # So many show what it is.

_Placed = tuple[int, int, Any]
_Decoder = Callable[[Source, Limits], Iterator[_Placed]]


def _yaml_values(source: Source, limits: Limits) -> Iterator[_Placed]:
    try:
        from loaddata_stdin.read.decode_yaml import yaml_values
    except ImportError as error:
        message = (
            "the text does not begin with '[', '{' or '<', so it is YAML, and reading"
            " that needs PyYAML: pip install 'fieldkit-loaddata-stdin[yaml]'."
        )
        raise FixtureSyntaxError(message) from error
    return yaml_values(source, limits)


FORMATS: dict[str, _Decoder] = {
    "json": json_values,
    "jsonl": json_values,
    "xml": xml_values,
    "yaml": _yaml_values,
}


class FixtureReader:
    """The objects of a stream: documents of any format and compression.

    Attributes:
        count: how many objects have been read.
        is_counted: after the last object, whether that was their number by the stream's
            own count or by `expect`.
        is_end_certain: after the last object, whether nothing can be missing: the stream
            did not only stop, its end was marked.
    """

    def __init__(
        self,
        stream: Readable,
        *,
        format_name: str | None = None,
        limits: Limits | None = None,
        expect: int | Literal["end"] | None = None,
    ) -> None:
        """Read nothing yet.

        Args:
            stream: bytes; it is left open. Where it `is_text`, they were text before.
            format_name: one of FORMATS; None lets each document tell.
            limits: what the stream may ask of the memory.
            expect: how many objects there must be; "end" refuses a stream whose end is
                not marked; None takes what comes.
        """
        self.count = 0
        self.is_counted = self.is_end_certain = False
        self._format = format_name
        self._limits = limits or Limits()
        self._expect = expect
        is_text = getattr(stream, "is_text", False)
        self._source = Source(utf8_chunks(stream, self._limits), is_text=is_text)

    def __iter__(self) -> Iterator[FixtureObject]:
        """Yield the objects in their order.

        Raises:
            FixtureSyntaxError: the stream is damaged, cut off or no fixture; or there
                are fewer or more objects than were announced.
        """
        announced = None
        for name, placed in self._documents():
            for line, column, value in placed:
                if announced is not None:
                    problem = "nothing may follow the record with the count"
                    raise _error(line, column, problem)
                if _is_object(value):
                    self.count += 1
                    yield FixtureObject(self.count, line, column, name, value)
                    value = None  # Not beside the next one.
                    continue
                announced = _announced(value)
                if announced is None:
                    raise _no_object(self.count + 1, line, column, value)
        self._check(announced)

    def place_of(self, *keys: str) -> tuple[int, int] | None:
        """Return line and column of a value of the object that was yielded last.

        Args:
            keys: lead to it: "pk", or "fields" and a name.

        Returns:
            None where it cannot be told, as that of a primary key in XML.
        """
        return self._source.place_of(keys)

    def _documents(self) -> Iterator[tuple[str, Iterator[_Placed]]]:
        while True:
            start = self._source.skip_space()
            if start:
                name = self._format_of(start)
                yield name, FORMATS[name](self._source, self._limits)
            elif self._source.is_over:
                return

    def _format_of(self, start: bytes) -> str:
        found = format_of(start)
        wanted = self._format
        # YAML may begin with anything.
        if wanted in {None, found, "yaml"}:
            return wanted or found
        if wanted == "jsonl" and found == "json":
            return found
        line, column = self._source.line, self._source.column
        problem = f"expected {wanted}, as --format says, and this begins like {found}"
        raise _error(line, column, problem)

    def _check(self, announced: int | None) -> None:
        expected = self._expect if isinstance(self._expect, int) else None
        for number, by in ((announced, "the stream"), (expected, "--expect")):
            if number is not None and number != self.count:
                message = (
                    f"{by} announced {number} objects, and {self.count} came: is it"
                    " cut off?"
                )
                raise FixtureSyntaxError(message)
        self.is_counted = announced is not None or expected is not None
        self.is_end_certain = self.is_counted or self._source.is_end_marked
        if self._expect == "end" and not self.is_end_certain:
            message = (
                f"nothing marks the end after {self.count} objects: is it cut off?"
                f" If not, {MARKS}."
            )
            raise FixtureSyntaxError(message)


def _announced(value: Any) -> int | None:
    """Return the count of a record `{"count": 3}`; None for anything else."""
    if isinstance(value, dict) and len(value) == 1 and "count" in value:
        count = value["count"]
        if isinstance(count, int) and not isinstance(count, bool):
            return count
    return None


def _is_object(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("model"), str)
        and isinstance(value.get("fields"), dict)
    )


def _no_object(number: int, line: int, column: int, value: Any) -> FixtureSyntaxError:
    got = _summary(value)
    if isinstance(value, dict) and {"model", "fields"} <= value.keys():
        kinds = [type(value[name]).__name__ for name in ("model", "fields")]
        got = f"a {kinds[0]} and a {kinds[1]} in them"
    problem = (
        f"object {number}: expected a mapping with 'model' and 'fields', got {got}"
    )
    return _error(line, column, problem)


def _error(line: int, column: int, problem: str) -> FixtureSyntaxError:
    return FixtureSyntaxError(f"line {line}, column {column}, {problem}.")


def _summary(value: object) -> str:
    """Return what a value is without what it holds: it may be a secret."""
    if isinstance(value, dict):
        keys = ", ".join(repr(short(key)) for key in islice(value, _MOST_KEYS))
        return f"one with {keys or 'nothing'}{', ...' * (len(value) > _MOST_KEYS)}"
    return type(value).__name__
