"""Write YAML that means the same to readers of YAML 1.1 and 1.2, and that diffs well.

The stock emitters leave `1e3`, `0o7` and `y` plain, which readers take for different
types, turn text with an emoji into one escaped line, or corrupt U+0085.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["dump_document", "dump_documents"]

Data = Any  # None, bool, int, float, str, or a list or mapping of them

# Begins with a letter or slash, so that it is no number, date or indicator.
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9 .,/_()@+-]*")
_WORDS = frozenset(["true", "false", "yes", "no", "on", "off", "y", "n", "null"])
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
# What a literal block may hold: text that every reader takes line by line alike.
_LITERAL = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff]*")
_ESCAPED = re.compile(
    r"[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]"
)


def dump_documents(documents: Iterable[Mapping[str, Data]]) -> str:
    """Return a stream of documents, separated by lines of three dashes."""
    return "---\n".join(map(dump_document, documents))


def dump_document(document: Mapping[str, Data]) -> str:
    """Return one mapping as YAML in block style."""
    return "".join(f"{line}\n" for line in _mapping(document))


def _mapping(data: Mapping[str, Data]) -> list[str]:
    lines = []
    for key, value in data.items():
        first, *rest = _value(value)
        name = key if _KEY.fullmatch(key) and not _is_word(key) else _quoted(key)
        is_nested = isinstance(value, (list, tuple, dict)) and bool(value)
        if is_nested and not _is_flow(value):
            indent = "  " if isinstance(value, dict) else ""
            lines += [f"{name}:", *(f"{indent}{line}" for line in (first, *rest))]
        else:
            lines += [
                f"{name}: {first}",
                *(f"  {line}" if line else "" for line in rest),
            ]
    return lines


def _sequence(data: Sequence[Data]) -> list[str]:
    lines = []
    for item in data:
        first, *rest = _value(item)
        lines += [f"- {first}", *(f"  {line}" if line else "" for line in rest)]
    return lines


def _value(value: Data) -> list[str]:
    """Return the lines of a value; those after the first are not indented yet."""
    if isinstance(value, dict) and value:
        return [_flow(value)] if _is_flow(value) else _mapping(value)
    if isinstance(value, (list, tuple)) and value:
        return _sequence(value)
    if isinstance(value, str) and "\n" in value and _is_literal(value):
        return _literal(value)
    return [_scalar(value)]


def _is_flow(value: Data) -> bool:
    """Return whether a mapping stands on one line: a reference by one name does."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    [inner] = value.values()
    return isinstance(inner, (str, int)) and "\n" not in str(inner)


def _flow(value: dict[str, Data]) -> str:
    [(key, inner)] = value.items()
    name = key if _KEY.fullmatch(key) and not _is_word(key) else _quoted(key)
    text = _scalar(inner)
    # A comma would end a plain scalar here.
    return (
        f"{{{name}: {_quoted(inner) if ',' in text and text[0] != chr(34) else text}}}"
    )


def _is_literal(text: str) -> bool:
    """Return whether a literal block holds a text exactly."""
    lines = text.removesuffix("\n").split("\n")
    return (
        _LITERAL.fullmatch(text) is not None
        and lines[0][:1] not in ("", " ")
        and lines[-1] != ""
        and all(line.strip(" ") or not line for line in lines)
    )


def _literal(text: str) -> list[str]:
    mark = "|" if text.endswith("\n") else "|-"
    return [mark, *text.removesuffix("\n").split("\n")]


def _scalar(value: Data) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, (list, tuple)):
        return "[]"
    if isinstance(value, dict):
        return "{}"
    is_plain = _PLAIN.fullmatch(value) and not value.endswith(" ")
    return value if is_plain and not _is_word(value) else _quoted(value)


def _float(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": ".nan", "inf": ".inf", "-inf": "-.inf"}[str(value)]
    text = repr(value)
    mantissa, mark, exponent = text.partition("e")
    if mark and "." not in mantissa:
        return f"{mantissa}.0e{exponent}"
    return text


def _is_word(text: str) -> bool:
    return text.lower() in _WORDS


def _quoted(text: str) -> str:
    """Return a double-quoted scalar, in which only what no reader prints is escaped."""
    inner = json.dumps(text, ensure_ascii=False)[1:-1]
    return f'"{_ESCAPED.sub(_escape, inner)}"'


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
