"""JSON that keeps what Python's own would lose: digits, and a null of its own."""

from __future__ import annotations

import json
import re
import secrets
from decimal import Decimal
from typing import Any

__all__ = ["JSON_NULL", "JSON_NULL_TOKEN", "dumps", "loads", "scan"]

# What a json member holds that is a JSON null: `to_json` does not tell it from NULL.
JSON_NULL = object()
# Stands for it on the way in; no value can contain it but by guessing.
JSON_NULL_TOKEN = f"json-null-{secrets.token_hex(16)}"
NUMBER_TOKEN = f"number-{secrets.token_hex(16)}-"
NUMBER = re.compile(f'"{NUMBER_TOKEN}([^"]*)"')

_decoder = json.JSONDecoder(parse_float=Decimal)
loads = _decoder.decode
# Takes the text and where to begin, returns the value and where it ends; in C.
scan = _decoder.scan_once  # type: ignore[attr-defined]  # in no stub


def dumps(value: Any) -> str:
    """Return the JSON of what `scan` made of JSON, as exact as it was."""
    text = json.dumps(value, default=_token)
    return NUMBER.sub(r"\1", text) if NUMBER_TOKEN in text else text


def _token(value: Any) -> str:
    return JSON_NULL_TOKEN if value is JSON_NULL else f"{NUMBER_TOKEN}{value}"
