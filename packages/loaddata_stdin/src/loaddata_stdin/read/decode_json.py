"""The values of JSON documents, one at a time, from a text of any length."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from loaddata_stdin.exceptions import FixtureSyntaxError
from loaddata_stdin.limits import Limits
from loaddata_stdin.objects import short
from loaddata_stdin.read.source import Source, TextReader

__all__ = ["json_values"]

_SPACE = re.compile(r"[ \t\r\n]*")
_COMMA = re.compile(r"[ \t\r\n]*,[ \t\r\n]*(?=[^ \t\r\n])")
_scan_string = json.decoder.scanstring  # type: ignore[attr-defined]  # in no stub
_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # in no stub
_SPACED_COLONS = (" :", "\n:", "\t:", "\r:")


def json_values(source: Source, limits: Limits) -> Iterator[tuple[int, int, Any]]:
    """Yield line, column and value: the items of lists, and what stands by itself.

    It ends before what is no JSON.

    Raises:
        FixtureSyntaxError: the text is not JSON, has a key twice, or an object is too
            large.
    """
    text = _Text(source, limits)
    source.place_of = text.place_of
    while (start := text.peek()) in {"[", "{"}:
        # Only the `]` of a list tells that nothing can be missing.
        source.is_end_marked = start == "["
        if start == "{":
            yield text.value()
            continue
        text.position += 1
        if text.peek() == "]":
            text.position += 1
            continue
        yield from _items(text)
    text.give_back()


def _items(text: _Text) -> Iterator[tuple[int, int, Any]]:
    """Yield the items of a list, up to and past its `]`."""
    while True:
        yield text.value()
        if text.is_past_comma():
            continue
        end = text.peek()
        if end not in {",", "]"}:
            raise text.error(text.position, "expected ',' or ']'")
        text.position += 1
        if end == "]":
            return
        text.peek()


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)
            if isinstance(child, (dict, list))
        ]
        if not level:
            return False
    return True


class _RepeatedKeyError(Exception):
    """A JSON object has a key twice; `args` is the key."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = set()
        for name, _ in pairs:
            if name in names:
                raise _RepeatedKeyError(name)
            names.add(name)
    return members


_scan_unique = json.JSONDecoder(object_pairs_hook=_unique).scan_once  # type: ignore[attr-defined]


def _count_keys(value: Any) -> int:
    if value.__class__ is not dict:
        return sum(map(_count_keys, value)) if value.__class__ is list else 0
    count = len(value)
    for item in value.values():
        if item.__class__ is dict or item.__class__ is list:
            count += _count_keys(item)
    return count


def _members(text: str, position: int) -> Iterator[tuple[str, int, int]]:
    """Yield the keys of a valid JSON object, and where they and their values begin."""
    position = _after_space(text, position + 1)
    while text[position] != "}":
        start = position
        name, position = _scan_string(text, position + 1)
        position = _after_space(text, _after_space(text, position) + 1)
        yield name, start, position
        _, position = _scan(text, position)
        position = _after_space(text, position)
        if text[position] == ",":
            position = _after_space(text, position + 1)


def _after_space(text: str, position: int) -> int:
    # The pattern matches the empty string too, so there is always a match.
    return _SPACE.match(text, position).end()  # type: ignore[union-attr]


class _Text:
    """A window that moves over the text, and grows where a value does not fit."""

    def __init__(self, source: Source, limits: Limits) -> None:
        self._reader = TextReader(source)
        self._limits = limits
        self._small = min(2 * limits.depth, limits.object_size)
        self._buffer = ""
        self._has_spaced_colons = False
        self.position = self._start = 0
        # Line ends are counted up to here; each is looked at once.
        self._counted = 0
        self._line = source.line
        self._line_start = 1 - source.column

    def peek(self) -> str:
        """Return the next character that is no white space; none at the end."""
        while True:
            self.position = _after_space(self._buffer, self.position)
            if self.position < len(self._buffer) or not self._fill():
                return self._buffer[self.position : self.position + 1]

    def is_past_comma(self) -> bool:
        """Move up to the next item, if it can be seen; return whether it can."""
        match = _COMMA.match(self._buffer, self.position)
        if match:
            self.position = match.end()
        return match is not None

    def value(self) -> tuple[int, int, Any]:
        line, column = self._place(self.position)
        while True:
            try:
                value, end = _scan(self._buffer, self.position)
                break
            except (StopIteration, json.JSONDecodeError) as error:
                if not self._may_go_on() or not self._fill():
                    raise self._syntax_error(error) from error
            except RecursionError as error:
                raise self.error(self.position, "nested too deeply") from error
            except ValueError as error:
                raise self.error(self.position, "a number is too long") from error
        # A scanner that compares keys takes twice as long. Each key adds a `":` to the
        # text, if no white space stands before a colon; so if the value has as many
        # keys as there are, none is repeated. Most objects have none below `fields`.
        is_mapping = value.__class__ is dict
        fields = value.get("fields") if is_mapping else None
        known = len(value) if is_mapping else 0
        known += len(fields) if fields.__class__ is dict else 0
        count = self._buffer.count('":', self.position, end)
        if (count != known and count != _count_keys(value)) or (
            self._has_spaced_colons and self._has_spaced_colon(end)
        ):
            self._refuse_repeated_keys()
        # Where there is no room for so many brackets, nobody need count them.
        if end - self.position > self._small:
            self._check(value, end - self.position)
        self._start, self.position = self.position, end
        return line, column, value

    def place_of(self, keys: Sequence[str]) -> tuple[int, int] | None:
        """Return where a value in the last object stands, by its keys.

        It is looked for only when it is asked for: places of all of them would take as
        long as their values.
        """
        position: int | None = self._start
        for key in keys:
            if position is None or self._buffer[position] != "{":
                return None
            members = _members(self._buffer, position)
            position = {name: start for name, _, start in members}.get(key)
        return None if position is None else self._place(position)

    def _has_spaced_colon(self, end: int) -> bool:
        return any(
            self._buffer.find(colon, self.position, end) >= 0
            for colon in _SPACED_COLONS
        )

    def _refuse_repeated_keys(self) -> None:
        try:
            _scan_unique(self._buffer, self.position)
        except _RepeatedKeyError as error:
            [key] = error.args
            position = self._second(key, self.position)
            problem = f"the key {short(key)!r} is there twice"
            raise self.error(position, problem) from None

    def _second(self, key: str, position: int) -> int:
        """Return where a key is there again, of an object or its fields; or the object."""
        seen = False
        members = _members(self._buffer, position)
        for name, start, value in members if self._buffer[position] == "{" else ():
            if name == key and seen:
                return start
            seen = seen or name == key
            if name == "fields" and self._buffer[value] == "{":
                inner = self._second(key, value)
                if inner != value:
                    return inner
        return position

    def _check(self, value: Any, size: int) -> None:
        if size > self._limits.object_size:
            raise self._too_large()
        if _is_deeper(value, self._limits.depth):
            raise self.error(self.position, "nested too deeply")

    def give_back(self) -> None:
        """Give what is no JSON back to the source."""
        place = self._place(self.position)
        self._reader.give_back(self._buffer[self.position :], *place)

    def error(
        self, position: int, problem: str, *, is_cut: bool = False
    ) -> FixtureSyntaxError:
        line, column = self._place(position)
        is_cut = is_cut or not self._buffer[position:].strip()
        if is_cut and self._reader.is_at_end:
            problem += " (the text ends here: is it cut off?)"
        return FixtureSyntaxError(f"line {line}, column {column}: no JSON: {problem}.")

    def _may_go_on(self) -> bool:
        return len(self._buffer) - self.position <= self._limits.object_size

    def _syntax_error(self, error: Exception) -> FixtureSyntaxError:
        # A StopIteration has the position only: there a value should begin.
        position = getattr(error, "pos", None)
        problem = getattr(error, "msg", "Expecting value")
        if position is None:
            position = error.args[0]
        is_cut = position >= len(self._buffer) or problem.startswith("Unterminated")
        if is_cut and not self._may_go_on():
            return self._too_large()
        return self.error(position, problem, is_cut=is_cut)

    def _too_large(self) -> FixtureSyntaxError:
        line, column = self._place(self.position)
        return FixtureSyntaxError(
            f"line {line}, column {column}: {self._limits.too_large}."
        )

    def _place(self, position: int) -> tuple[int, int]:
        if position >= self._counted:
            lines = self._buffer.count("\n", self._counted, position)
            if lines:
                self._line += lines
                self._line_start = self._buffer.rfind("\n", 0, position) + 1
            self._counted = position
        return self._line, position - self._line_start + 1

    def _fill(self) -> bool:
        """Read on, as much as is there already, and drop what was used."""
        rest = len(self._buffer) - self.position
        # As much again, so that all is scanned twice at most; but what is too large for
        # an object need not be there.
        wanted = min(rest, self._limits.object_size + 1 - rest)
        parts = []
        while part := self._reader.read():
            parts.append(part)
            wanted -= len(part)
            if wanted <= 0:
                break
        if not parts:
            return False
        used = self.position
        self._place(used)
        parts.insert(0, self._buffer[used:])
        self._buffer = ""  # Not a third time in memory.
        self._buffer = "".join(parts)
        self._has_spaced_colons = any(c in self._buffer for c in _SPACED_COLONS)
        self.position = 0
        self._counted -= used
        self._line_start -= used
        return True
