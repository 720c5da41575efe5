"""Split a module into its top-level statements without parsing it.

Parsing is nearly all that the first static check costs, and a view module holds many
classes and functions that no URL names. A statement at the top begins in the first
column, so those can be set aside by their first line. Whatever is unusual there is left
to the parser: the split only has to be right where it sets something aside.
"""

from __future__ import annotations

import re

__all__ = ["split_module"]

# Compiled when they are first used, and kept by `re`: mostly the cache has all.
# The first column of a statement: not of a comment, a closing bracket or an else.
_START = r"(?m)^(?=[^#)\]}\s])(?!(?:elif|else|except|finally)\b)"
_NAMED = r"(?:class|(?:async[ ]+)?def)[ ]+(\w+)"
# A form feed before the first column; a line that goes on in the first column.
_ODD = r"\f|\\\r?\n\S"
_QUOTES = ('"""', "'''")


def split_module(source: str) -> tuple[str, dict[str, list[str]]]:
    """Return the source without its classes and functions, and these by name."""
    if re.search(_ODD, source):
        return source, {}
    rest: list[str] = []
    named: dict[str, list[str]] = {}
    for statement, is_joined in _statements(source):
        match = re.match(_NAMED, _after_decorators(statement))
        # Lines that look like statements inside of one, in a string: for the parser.
        if match and not (is_joined and _has_others(statement)):
            named.setdefault(match[1], []).append(statement)
        else:
            rest.append(statement)
    return "".join(rest), named


def _statements(source: str) -> list[tuple[str, bool]]:
    """Return the statements, and whether more than one line of each looks like one."""
    starts = [match.start() for match in re.finditer(_START, source)]
    if starts[:1] != [0]:
        starts.insert(0, 0)
    has_quotes = any(quotes in source for quotes in _QUOTES)
    found: list[tuple[str, bool]] = []
    before = ""
    for start, end in zip(starts, [*starts[1:], len(source)], strict=True):
        text = before + source[start:end]
        if _is_closed(text, has_quotes=has_quotes):
            found.append((text, bool(before)))
            before = ""
        else:
            before = text
    return [*found, (before, True)] if before else found


def _is_closed(text: str, *, has_quotes: bool) -> bool:
    """Tell whether a statement can end here: not in a string, not at a decorator."""
    if has_quotes and any(text.count(quotes) % 2 for quotes in _QUOTES):
        return False
    return text[:1] != "@" or bool(re.match(_NAMED, _after_decorators(text)))


def _after_decorators(text: str) -> str:
    """Return a statement from the line of its class or def."""
    if text[:1] != "@":
        return text
    found = re.search(r"^(?=(?:class|async|def)\b)", text, re.MULTILINE)
    return text[found.start() :] if found else text


def _has_others(statement: str) -> bool:
    """Tell whether more than one line begins a statement, apart from decorators."""
    starts = [match.start() for match in re.finditer(_START, statement)]
    return sum(statement[start] != "@" for start in starts) > 1
