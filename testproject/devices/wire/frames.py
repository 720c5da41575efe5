"""What a device says, decoded.

A WebSocket message is a JSON object of readings, `{"volts": 3.1, "moisture": 0.4}`.
Three names have a meaning of their own:

    id      a number or a string; `{"ack": id}` comes back once the readings are stored
    answer  the device's answer to commands, by event: `{"answer": {"led": 1}}`
    device  the sender's own slug, for those that like to say it
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devices.wire.limits import MAX_FRAME_BYTES, CloseCode, Refusal

__all__ = ["Frame", "Scalar", "decode_frame", "decode_text"]

Scalar = bool | int | float | str | None
MAX_VALUES = 16
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")
_RESERVED = {"id", "answer", "device"}


@dataclass(frozen=True)
class Frame:
    """What one message holds."""

    readings: dict[str, float]
    answers: dict[str, Scalar]
    number: int | str | None = None


def decode_text(text: str | None, slug: str) -> Frame:
    """Return the frame of a WebSocket message of the device called `slug`.

    Raises:
        Refusal: it is too large, it is not such an object, or it names another device.
    """
    if text is None:
        message = "a binary message"
        raise Refusal(CloseCode.MALFORMED, message)
    if len(text) > MAX_FRAME_BYTES or len(text.encode()) > MAX_FRAME_BYTES:
        message = f"a message of more than {MAX_FRAME_BYTES} bytes"
        raise Refusal(CloseCode.TOO_LARGE, message)
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        message = "a message that is not JSON"
        raise Refusal(CloseCode.MALFORMED, message) from None
    return decode_frame(decoded, slug)


def decode_frame(decoded: Any, slug: str) -> Frame:
    """Return the frame of a decoded message.

    Raises:
        Refusal: it is not an object as above, or it names another device.
    """
    if not isinstance(decoded, Mapping):
        message = "a message that is not an object"
        raise Refusal(CloseCode.MALFORMED, message)
    if decoded.get("device", slug) != slug:
        message = "a message in the name of another device"
        raise Refusal(CloseCode.OTHER_DEVICE, message)
    number = decoded.get("id")
    is_number = isinstance(number, int | str) and not isinstance(number, bool)
    if number is not None and not (is_number and len(str(number)) <= 40):
        message = "an id that is neither a number nor a short string"
        raise Refusal(CloseCode.MALFORMED, message)
    readings = {
        name: _check_reading(name, value)
        for name, value in decoded.items()
        if name not in _RESERVED
    }
    if len(readings) > MAX_VALUES:
        message = f"a message of more than {MAX_VALUES} readings"
        raise Refusal(CloseCode.MALFORMED, message)
    return Frame(readings, _check_answers(decoded.get("answer")), number)


def _check_reading(name: Any, value: Any) -> float:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        message = "a reading with an unusable name"
        raise Refusal(CloseCode.MALFORMED, message)
    if not isinstance(value, int | float):
        message = f"the reading {name} is not a number"
        raise Refusal(CloseCode.MALFORMED, message)
    try:
        is_finite = math.isfinite(value)
    except OverflowError:
        is_finite = False
    if not is_finite:
        message = f"the reading {name} is not a finite number"
        raise Refusal(CloseCode.MALFORMED, message)
    return value


def _check_answers(answers: Any) -> dict[str, Scalar]:
    if answers is None:
        return {}
    is_usable = (
        isinstance(answers, Mapping)
        and len(answers) <= MAX_VALUES
        and all(_is_answer(name, value) for name, value in answers.items())
    )
    if not is_usable:
        message = "an answer that is not an object of short values"
        raise Refusal(CloseCode.MALFORMED, message)
    return dict(answers)


def _is_answer(name: Any, value: Any) -> bool:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return False
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, str):
        return len(value) <= 200 and value.isprintable()
    return value is None or (isinstance(value, int) and abs(value) < 2**63)
