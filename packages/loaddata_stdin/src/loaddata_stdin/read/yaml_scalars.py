"""What a scalar of YAML 1.1 is read as, and what was written."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import yaml

from loaddata_stdin.objects import Written, short

__all__ = ["explicit", "plain"]

_TAG = "tag:yaml.org,2002:"
_resolvers: dict[str | None, list[tuple[str, Any]]] = (
    yaml.resolver.Resolver.yaml_implicit_resolvers
)
_constructor = yaml.constructor.SafeConstructor()
_CONSTRUCTORS: dict[str, Callable[[Any], Any]] = {
    f"{_TAG}bool": _constructor.construct_yaml_bool,
    f"{_TAG}int": _constructor.construct_yaml_int,
    f"{_TAG}float": _constructor.construct_yaml_float,
    f"{_TAG}null": _constructor.construct_yaml_null,
    f"{_TAG}timestamp": _constructor.construct_yaml_timestamp,
    f"{_TAG}binary": _constructor.construct_yaml_binary,
    f"{_TAG}str": _constructor.construct_scalar,
}
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
# Longer ones are rare, and need not be remembered.
_LONGEST = 24
# Longer ones are texts: Python makes no numbers of them, and 1:1:1... takes minutes.
_LONGEST_NUMBER = 4300
_NUMBERS = {f"{_TAG}int", f"{_TAG}float"}
# PyYAML relies on its patterns, which a tag goes round: `!!timestamp x`, `!!bool x`.
_CONSTRUCTION_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    yaml.constructor.ConstructorError,
)


def plain(text: str) -> Any:
    """Return what a scalar without quotes and tag is.

    Returns:
        A value that says the same as the text, or else a `Written`; null is None.
    """
    return _remembered(text) if len(text) <= _LONGEST else _plain(text)


def _plain(text: str) -> Any:
    if len(text) > _LONGEST_NUMBER:
        return text
    if match := _DECIMAL.fullmatch(text):  # Most numbers, without a detour.
        number = float(text) if match[1] else int(text)
        return number if str(number) == text else Written(number, text)
    for tag, pattern in _resolvers.get(text[:1], ()):
        if pattern.match(text) and tag in _CONSTRUCTORS:
            return _constructed(tag, text)
    return text


_remembered = lru_cache(maxsize=4096)(_plain)


def _constructed(tag: str, text: str) -> Any:
    try:
        value = explicit(tag, text)
        is_same = value is None or str(value) == text
    except ValueError:  # 2026-13-01 looks like a date and is none.
        return text
    return value if is_same else Written(value, text)


def explicit(tag: str, text: str) -> Any:
    """Return the value of a scalar with a tag.

    Raises:
        LookupError: there is nothing that makes a value of the tag.
        ValueError: the text is nothing of that kind, or a number of that many digits.
    """
    construct = _CONSTRUCTORS[tag]
    try:
        if tag in _NUMBERS and len(text) > _LONGEST_NUMBER:
            raise ValueError  # as PyYAML does for other texts
        return construct(yaml.ScalarNode(tag, text))
    except _CONSTRUCTION_ERRORS as error:
        message = f"{short(text)!r} is not a YAML {tag.removeprefix(_TAG)}"
        raise ValueError(message) from error
