"""PostgreSQL's own text of records and arrays.

It is positional, so it is read only for raw SQL and RETURNING, which cannot ask for
JSON.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from postgres_composite_types.exceptions import ChangedTypeError
from postgres_composite_types.values.exact_json import JSON_NULL, loads

if TYPE_CHECKING:
    from collections.abc import Callable

    from postgres_composite_types.declare.definition import Definition

    # The names and types of a type's attributes, in physical order.
    Attributes = Callable[[Definition], list[tuple[str, str]]]

__all__ = [
    "array_items",
    "is_array",
    "mark_json_nulls",
    "record_data",
    "record_items",
]

RECORD_ITEM = re.compile(r'("(?:[^"\\]|\\.|"")*"|[^",()\\]*)([,)])', re.DOTALL)
ARRAY_ITEM = re.compile(r'(?:"((?:[^"\\]|\\.)*)"|([^",{}]+))', re.DOTALL)
BOUNDS = re.compile(r"(?:\[-?\d+:-?\d+\])+=")


def record_items(text: str) -> list[str | None]:
    """Return the texts of a record's attributes in physical order."""
    items: list[str | None] = []
    for match in RECORD_ITEM.finditer(text, 1):
        items.append(_record_item(match[1]))
        if match[2] == ")":
            break
    return items


def _record_item(text: str) -> str | None:
    if text.startswith('"'):
        return re.sub(r'\\(.)|""', lambda m: m[1] or '"', text[1:-1], flags=re.DOTALL)
    return text or None


def array_items(text: str) -> list[Any]:
    """Return the texts of an array's elements, nested as its dimensions are."""
    bounds = BOUNDS.match(text)
    return _items(text, bounds.end() if bounds else 0)[0]


def _items(text: str, start: int) -> tuple[list[Any], int]:
    items: list[Any] = []
    position = start + 1
    while text[position] != "}":
        if text[position] == ",":
            position += 1
        elif text[position] == "{":
            item, position = _items(text, position)
            items.append(item)
        else:
            match = ARRAY_ITEM.match(text, position)
            if match is None:
                message = f"{text!r} is no array"
                raise ValueError(message)
            items.append(_array_item(match))
            position = match.end()
    return items, position + 1


def _array_item(match: re.Match[str]) -> str | None:
    if match[1] is not None:
        return re.sub(r"\\(.)", r"\1", match[1], flags=re.DOTALL)
    return None if match[2] == "NULL" else match[2]


def mark_json_nulls(data: Any, text: str) -> None:
    """Put JSON_NULL where a record has a JSON null, not a NULL.

    Args:
        data: what `to_json` made of a record or of an array of records.
        text: the text of the same; its order is that of the data.
    """
    _mark(data, text if text.startswith("(") else array_items(text))


def _mark(data: Any, source: str | list[Any] | None) -> None:
    if isinstance(data, dict) and isinstance(source, str) and source.startswith("("):
        keys, items = list(data), record_items(source)
    elif isinstance(data, list) and isinstance(source, list):
        keys, items = list(range(len(data))), source
    elif isinstance(data, list) and isinstance(source, str) and is_array(source):
        _mark(data, array_items(source))
        return
    else:
        return
    for key, item in zip(keys, items, strict=True):
        if data[key] is None and item is not None and isinstance(data, dict):
            data[key] = JSON_NULL
        else:
            _mark(data[key], item)


def is_array(text: str) -> bool:
    """Return whether a text is that of an array, not the JSON of one."""
    return text.startswith("{") or BOUNDS.match(text) is not None


def record_data(definition: Definition, text: str, attributes: Attributes) -> Any:
    """Return what `to_json` would make of a record.

    Args:
        definition: tells the kinds of the members.
        text: the record as PostgreSQL writes it.
        attributes: returns the names and types of a type's attributes in their order.

    Raises:
        ChangedTypeError: the text has more or fewer attributes than the type by now.
    """
    fields = {field.column: field for field in definition.fields}
    known, items = attributes(definition), record_items(text)
    if len(known) != len(items):
        message = (
            f"{definition.label}: {definition.qualified_name} changed while a value of it"
            " was read; read it again."
        )
        raise ChangedTypeError(message)
    return {
        name: _data(fields.get(name), kind, item, attributes)
        for (name, kind), item in zip(known, items, strict=True)
    }


def _data(field: Any, kind: str, item: Any, attributes: Attributes) -> Any:
    if item is None:
        return None
    if kind in {"json", "jsonb"}:
        data = loads(item)
        return JSON_NULL if data is None else data
    if hasattr(field, "composite"):
        return record_data(field.composite._meta, item, attributes)
    if hasattr(field, "base_field") and not hasattr(field, "range_type"):
        items = item if isinstance(item, list) else array_items(item)
        inner = kind.removesuffix("[]")
        return [_data(field.base_field, inner, each, attributes) for each in items]
    return SCALARS[kind](item) if kind in SCALARS else item


SCALARS: dict[str, Callable[[str], Any]] = {
    "boolean": "t".__eq__,
    "smallint": int,
    "integer": int,
    "bigint": int,
}
