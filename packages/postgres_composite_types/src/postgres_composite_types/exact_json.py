"""JSON that keeps what Python's own would lose: digits, and a null of its own."""

from __future__ import annotations

import json
import re
import secrets
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["JSON_NULL", "JSON_NULL_TOKEN", "dumps", "loads", "loads_first"]

# What a json member holds that is a JSON null: `to_json` does not tell it from NULL.
JSON_NULL = object()
# Stands for it on the way in; no value can contain it but by guessing.
JSON_NULL_TOKEN = f"json-null-{secrets.token_hex(16)}"
NUMBER_TOKEN = f"number-{secrets.token_hex(16)}-"
NUMBER = re.compile(f'"{NUMBER_TOKEN}([^"]*)"')

_decoder = json.JSONDecoder(parse_float=Decimal)
loads = _decoder.decode
loads_first = _decoder.raw_decode


def dumps(
    value: Any, default: Callable[[Any], Any] | None = None, **options: Any
) -> str:
    """Return JSON that holds decimals as numbers, with all their digits.

    Raises:
        TypeError: JSON has no form for a value.
        ValueError: a float is infinite or not a number.
    """
    options["default"] = partial(_number, default)
    text = json.dumps(value, allow_nan=False, **options)
    return NUMBER.sub(r"\1", text) if NUMBER_TOKEN in text else text


def _number(default: Callable[[Any], Any] | None, value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{NUMBER_TOKEN}{value}"
    if default is not None:
        return default(value)
    message = f"{type(value).__name__} is no JSON value"
    raise TypeError(message)
