"""Decode the text of a fixture into objects that know where they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from loaddata_stdin.exceptions import FixtureSyntaxError

__all__ = ["FixtureObject", "decode", "sniff"]

_SPACE = re.compile(r"\s*")


@dataclass(frozen=True)
class FixtureObject:
    """One serialised object of a stream.

    Attributes:
        number: its place among the objects of the stream, from 1.
        line: where it begins, from 1.
        column: where it begins in the line, from 1.
        values: the mapping with `model`, `fields` and perhaps `pk`.
    """

    number: int
    line: int
    column: int
    values: dict[str, Any]  # Any: whatever JSON or YAML can hold

    def __str__(self) -> str:
        pk = f" pk={self.values['pk']}" if self.values.get("pk") is not None else ""
        return (
            f"line {self.line}, column {self.column}, object {self.number}"
            f" ({self.values['model']}{pk})"
        )


_Placed = tuple[int, int, Any]  # line, column, value


def sniff(text: str) -> str:
    """Return "json" or "yaml": JSON fixtures begin with `[` or `{`."""
    return "json" if text.lstrip()[:1] in ("[", "{") else "yaml"


def decode(text: str, format_name: str) -> list[FixtureObject]:
    """Return the objects of every document in the text, in their order.

    A document is a list of objects or one object; an empty one counts as none.

    Args:
        text: one or several JSON documents, or YAML documents.
        format_name: "json" or "yaml".

    Raises:
        FixtureSyntaxError: the text is no JSON or YAML, is cut off, or holds
            something else than serialised objects.
    """
    documents = _json_values(text) if format_name == "json" else _yaml_values(text)
    return list(_checked(documents))


def _checked(placed: Iterable[_Placed]) -> Iterator[FixtureObject]:
    for number, (line, column, value) in enumerate(placed, start=1):
        if not (
            isinstance(value, dict)
            and isinstance(value.get("model"), str)
            and isinstance(value.get("fields"), dict)
        ):
            message = (
                f"line {line}, column {column}, object {number}: expected a mapping"
                f" with 'model' and 'fields', got {_summary(value)}."
            )
            raise FixtureSyntaxError(message)
        yield FixtureObject(number, line, column, value)


def _summary(value: object) -> str:
    """Return what a value is without what it holds: it may be a secret."""
    if isinstance(value, dict):
        return f"one with {', '.join(map(repr, value)) or 'nothing'}"
    return type(value).__name__


class _JSONText:
    """A text read from front to back, one JSON value at a time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        self.position = _end_of_space(self.text, self.position)
        return self.text[self.position : self.position + 1]

    def value(self) -> _Placed:
        self.peek()
        line, column = self.place(self.position)
        try:
            value, self.position = self._decoder.raw_decode(self.text, self.position)
        except json.JSONDecodeError as error:
            raise self.error(error.pos, error.msg) from error
        except RecursionError as error:
            raise self.error(self.position, "nested too deeply") from error
        return line, column, value

    def place(self, position: int) -> tuple[int, int]:
        line = self.text.count("\n", 0, position) + 1
        return line, position - self.text.rfind("\n", 0, position)

    def error(self, position: int, problem: str) -> FixtureSyntaxError:
        line, column = self.place(position)
        if not self.text[position:].strip():
            problem += " (the text ends here: is it cut off?)"
        return FixtureSyntaxError(f"line {line}, column {column}: no JSON: {problem}.")


def _end_of_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _json_values(text: str) -> Iterator[_Placed]:
    source = _JSONText(text)
    while start := source.peek():
        if start != "[":
            yield source.value()
            continue
        source.position += 1
        if source.peek() == "]":
            source.position += 1
            continue
        yield from _json_items(source)


def _json_items(source: _JSONText) -> Iterator[_Placed]:
    """Yield the items of a list up to and past its `]`."""
    while True:
        yield source.value()
        end = source.peek()
        if end not in (",", "]"):
            raise source.error(source.position, "expected ',' or ']'")
        source.position += 1
        if end == "]":
            return


def _yaml_values(text: str) -> Iterator[_Placed]:
    try:
        import yaml
    except ImportError as error:
        message = (
            "the text does not begin with '[' or '{', so it is no JSON, and reading"
            " YAML needs PyYAML: pip install 'fieldkit-loaddata-stdin[yaml]'."
        )
        raise FixtureSyntaxError(message) from error

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        while loader.check_node():
            yield from _yaml_items(loader, loader.get_node())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = " ".join(filter(None, [error.context, error.problem]))
        message = f"{place}no YAML: {problem}."
        raise FixtureSyntaxError(message) from error
    except yaml.YAMLError as error:
        message = f"no YAML: {' '.join(str(error).split())}."
        raise FixtureSyntaxError(message) from error
    finally:
        loader.dispose()


def _yaml_items(loader: Any, document: Any) -> Iterator[_Placed]:
    """Yield the value of each item of a document; Any: PyYAML's own classes."""
    nodes = document.value if document.tag.endswith(":seq") else [document]
    for node in nodes:
        if not node.tag.endswith(":null"):
            mark = node.start_mark
            value = loader.construct_document(node)
            yield mark.line + 1, mark.column + 1, value
