"""Split a module into its top-level statements without parsing it.

Parsing is nearly all that the first static check costs, and a view module holds many
classes and functions that no URL names. A statement at the top begins in the first
column, so those can be set aside by their first line. Whatever is unusual there is left
to the parser: the split only has to be right where it sets something aside.
"""

from __future__ import annotations

import re

__all__ = ["split_module"]

# The first column of a statement: not of a comment, a closing bracket or an else.
_START = re.compile(r"^(?=[^#)\]}\s])(?!(?:elif|else|except|finally)\b)", re.MULTILINE)
_NAMED = re.compile(r"(?:class|(?:async[ ]+)?def)[ ]+(\w+)")
# A form feed before the first column; a line that goes on in the first column.
_ODD = re.compile(r"\f|\\\r?\n\S")
_QUOTES = ('"""', "'''")


def split_module(source: str) -> tuple[str, dict[str, list[str]]]:
    """Return the source without its classes and functions, and these by name."""
    if _ODD.search(source):
        return source, {}
    rest: list[str] = []
    named: dict[str, list[str]] = {}
    for statement in _statements(source):
        head = _after_decorators(statement)
        match = _NAMED.match(head)
        # Lines that look like statements inside of one, in a string: for the parser.
        if match and _is_one(statement):
            named.setdefault(match[1], []).append(statement)
        else:
            rest.append(statement)
    return "".join(rest), named


def _statements(source: str) -> list[str]:
    starts = [match.start() for match in _START.finditer(source)]
    if starts[:1] != [0]:
        starts.insert(0, 0)
    found: list[str] = []
    is_open = False
    for start, end in zip(starts, [*starts[1:], len(source)], strict=True):
        part = source[start:end]
        if is_open:
            found[-1] += part
        else:
            found.append(part)
        is_open = not _is_closed(found[-1])
    return found


def _is_closed(text: str) -> bool:
    """Tell whether a statement can end here: not in a string, not at a decorator."""
    if any(text.count(quotes) % 2 for quotes in _QUOTES):
        return False
    return text[:1] != "@" or bool(_NAMED.match(_after_decorators(text)))


def _after_decorators(text: str) -> str:
    """Return a statement from the line of its class or def."""
    if text[:1] != "@":
        return text
    found = re.search(r"^(?=(?:class|async|def)\b)", text, re.MULTILINE)
    return text[found.start() :] if found else text


def _is_one(statement: str) -> bool:
    """Tell whether only one line begins a statement, apart from decorators."""
    starts = [m.start() for m in _START.finditer(statement)]
    return sum(statement[start] != "@" for start in starts) == 1
