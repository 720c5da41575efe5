"""The values of YAML documents, one at a time, from the events of libyaml.

Nodes and Python's own constructors would take three times as long, and a document that
is constructed as a whole thirty times its size.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import yaml

from loaddata_stdin.exceptions import FixtureSyntaxError
from loaddata_stdin.limits import Limits
from loaddata_stdin.read.source import Source, TextReader
from loaddata_stdin.read.yaml_builder import Builder, YAMLProblem
from loaddata_stdin.read.yaml_scalars import plain

__all__ = ["yaml_values"]

# PyYAML without libyaml is as right, and slow. Any: neither is there always.
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# libyaml reads ahead by less.
_KEPT = 256 * 1024
_SEQUENCE = {None, "!", "tag:yaml.org,2002:seq"}
_END_OF_ITEMS = (yaml.SequenceEndEvent, type(None))
_BOM = "\ufeff"
# What other formats begin with.
_OTHER = {"[", "{", "<"}
_NOT_PRINTABLE = re.compile(
    "[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)

_Placed = tuple[int, int, Any]


def yaml_values(source: Source, limits: Limits) -> Iterator[_Placed]:
    """Yield line, column and value: the items of lists, and what stands by itself.

    It ends behind a document's `...` and before a document in another format.
    Afterwards `source.is_end_marked` tells whether there was a `...`, so that nothing
    can be missing.

    Raises:
        FixtureSyntaxError: the text is no YAML, has the same key twice, or an object is
            too large or too deep.
    """
    documents = _Documents(source, limits)
    source.place_of = documents.place_of
    try:
        yield from documents.values()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, [error.context, error.problem]))
        raise documents.error(problem, mark) from error
    except yaml.reader.ReaderError as error:
        raise documents.unprintable() from error
    except YAMLProblem as error:
        raise documents.error(error.problem, error.mark) from error.__cause__


class _Documents:
    def __init__(self, source: Source, limits: Limits) -> None:
        # How deep a list is indented matters.
        source.give_back(source.indentation, source.line, 1)
        self._source = source
        self._is_over = False
        self._first = self._object_place = source.line, source.column
        self._feed = _Feed(source, limits)
        self._limits = limits
        self._mark: Any = None

    def values(self) -> Iterator[_Placed]:
        self._next = _Parser(self._feed).get_event
        self._builder = Builder(self._next, self._next_in_block, self._limits)
        self._next()  # The start of the stream.
        while isinstance(start := self._next_in_block(), yaml.DocumentStartEvent):
            root = self._next()
            self._feed.since_object = 0
            if isinstance(root, yaml.SequenceStartEvent) and root.tag in _SEQUENCE:
                next_item = self._next if root.flow_style else self._next_in_block
                while not isinstance(event := next_item(), _END_OF_ITEMS):
                    yield self._object(event)
            elif not _is_null(root):
                yield self._object(root)
            end = self._next_in_block()
            self._source.is_end_marked = end is not None and end.explicit
            if self._source.is_end_marked:
                self._give_back(end.end_mark)
                return
            self._builder.forget_anchors()
        if start is not None:
            self._give_back(start.start_mark)  # The end of the stream, for the parser.

    def _next_in_block(self) -> Any:
        """Return an event where no bracket is open; None where another format begins.

        That is an error to a YAML parser, which finds it at once or, since a list might
        be a key of a mapping, where it does not find the colon.
        """
        if self._is_over:
            return None
        try:
            return self._next()
        except yaml.MarkedYAMLError as error:
            for mark in (error.context_mark, error.problem_mark):
                if mark and self._is_other(mark):
                    self._is_over = True
                    self._give_back(mark)
                    return None
            raise

    def _is_other(self, mark: Any) -> bool:
        is_line_start = mark.column == 0 and mark.index > 0
        return is_line_start and self._feed.at(mark.index) in _OTHER

    def _give_back(self, mark: Any) -> None:
        self._feed.give_back(mark.index, *self._place(mark))

    def _object(self, event: Any) -> _Placed:
        self._feed.since_object = 0
        self._mark = event.start_mark
        self._object_place = self._place(event.start_mark)
        return (*self._object_place, self._builder.object(event))

    def _place(self, mark: Any) -> tuple[int, int]:
        line, column = self._first
        if mark.line:
            return line + mark.line, mark.column + 1
        return line, column + mark.column

    def place_of(self, keys: Sequence[str]) -> tuple[int, int] | None:
        """Return where a value in the last object stands, by its keys.

        Its text is read again: only when it is asked for, and while it is kept.
        """
        mark = self._mark
        text = self._feed.text_from(mark.index)
        if text is None:
            return None
        # Indented as it was.
        next_event = _Parser(" " * mark.column + text).get_event
        try:
            found = _value_mark(next_event, keys)
        except yaml.YAMLError:
            return None
        if found is None:
            return None
        line, column = self._object_place
        if found.line:
            return line + found.line, found.column + 1
        return line, column + found.column - mark.column

    def error(self, problem: str, mark: Any) -> FixtureSyntaxError:
        line, column = self._place(mark) if mark else self._object_place
        return FixtureSyntaxError(f"line {line}, column {column}: no YAML: {problem}.")

    def unprintable(self) -> FixtureSyntaxError:
        """Return what is wrong where the parser says only how many bytes it has seen."""
        line, column, character = self._feed.find(_NOT_PRINTABLE)
        return FixtureSyntaxError(
            f"line {line}, column {column}: no YAML: the character U+{ord(character):04X}"
            " must be written as an escape, in double quotes."
        )


def _is_null(event: Any) -> bool:
    return (
        isinstance(event, yaml.ScalarEvent)
        and event.implicit[0]
        and plain(event.value) is None
    )


def _value_mark(next_event: Callable[[], Any], keys: Sequence[str]) -> Any:
    """Return the mark of a value, by its keys in the first mapping of a text."""
    next_event()
    next_event()
    event = next_event()
    for wanted in keys:
        if not isinstance(event, yaml.MappingStartEvent):
            return None
        while not isinstance(key := next_event(), yaml.MappingEndEvent):
            event = next_event()
            if getattr(key, "value", None) == wanted:
                break
            _skip(event, next_event)
        else:
            return None
    return event.start_mark


def _skip(event: Any, next_event: Callable[[], Any]) -> None:
    """Go to the end of a value that an event begins."""
    depth = 0
    while True:
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if not depth:
            return
        event = next_event()


class _Feed:
    """The text as libyaml asks for it; what it has not used can be given back."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self.since_object = 0
        self._limits = limits
        self._place = source.line, source.column
        self._reader = TextReader(source)
        self._ahead = ""
        self._kept = ""
        self._start = 0  # The index of the first character that is kept.
        self._is_over = False

    def read(self, size: int) -> str:
        """Return at most so many characters; libyaml calls it."""
        text = "" if self._is_over else self._ahead or self._reader.read()
        if not self._is_over:
            text, self._ahead = text[:size], text[size:]
        if _BOM in text:
            text = self._up_to_next_file(text)
        self.since_object += len(text)
        if self.since_object > self._limits.object_size + _KEPT:
            problem = self._limits.too_large.replace(
                "the object", "this object or the next"
            )
            raise YAMLProblem(problem)
        if len(self._kept) > 2 * _KEPT:
            self._forget(len(self._kept) - _KEPT)
        self._kept += text
        return text

    def _up_to_next_file(self, text: str) -> str:
        """Return what stands before a line that begins with a byte order mark."""
        is_line_start = self._kept.endswith("\n") and text.startswith(_BOM)
        end = 0 if is_line_start else text.find(f"\n{_BOM}") + 1
        if not end and not is_line_start:
            return text
        self._is_over = True
        self._ahead = text[end:] + self._ahead
        return text[:end]

    def _forget(self, count: int) -> None:
        self._place = self._place_of(count)
        self._start += count
        self._kept = self._kept[count:]

    def _place_of(self, position: int) -> tuple[int, int]:
        line, column = self._place
        lines = self._kept.count("\n", 0, position)
        if lines:
            return line + lines, position - self._kept.rfind("\n", 0, position)
        return line, column + position

    def find(self, pattern: re.Pattern[str]) -> tuple[int, int, str]:
        """Return line, column and text of the first match that is kept."""
        match = pattern.search(self._kept)
        return (
            (*self._place_of(match.start()), match[0]) if match else (*self._place, "")
        )

    def at(self, index: int) -> str:
        """Return the character at an index of the text; none at the end."""
        return self._kept[index - self._start : index - self._start + 1]

    def text_from(self, index: int) -> str | None:
        """Return the text from an index on; None if it is not kept any more."""
        return None if index < self._start else self._kept[index - self._start :]

    def give_back(self, index: int, line: int, column: int) -> None:
        """Give back the text from an index on."""
        rest = self._kept[index - self._start :] + self._ahead
        self._reader.give_back(rest, line, column)
