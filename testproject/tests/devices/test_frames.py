from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.wire.frames import Frame, decode_frame, decode_text
from devices.wire.limits import MAX_FRAME_BYTES, Bucket, CloseCode, Refusal
from devices.wire.tokens import bearer_token, digest_token, make_token


def test_a_frame_holds_readings_answers_and_an_id() -> None:
    text = '{"volts": 3.1, "presses": 2, "id": 7, "answer": {"led": 1}, "device": "a"}'

    assert decode_text(text, "a") == Frame({"volts": 3.1, "presses": 2}, {"led": 1}, 7)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, CloseCode.MALFORMED),
        ("", CloseCode.MALFORMED),
        ("hello", CloseCode.MALFORMED),
        ("[1]", CloseCode.MALFORMED),
        ('{"volts": "3"}', CloseCode.MALFORMED),
        ('{"volts": NaN}', CloseCode.MALFORMED),
        ('{"volts": 1e999}', CloseCode.MALFORMED),
        ('{"volts": 1' + "0" * 400 + "}", CloseCode.MALFORMED),
        ('{"<b>": 1}', CloseCode.MALFORMED),
        ('{"id": [1]}', CloseCode.MALFORMED),
        ('{"id": "' + "x" * 41 + '"}', CloseCode.MALFORMED),
        ('{"answer": 1}', CloseCode.MALFORMED),
        ('{"answer": {"led": {}}}', CloseCode.MALFORMED),
        ('{"answer": {"led": "\\u0000"}}', CloseCode.MALFORMED),
        ('{"answer": {"led": "\\ud800"}}', CloseCode.MALFORMED),
        (json.dumps({f"n{n}": n for n in range(17)}), CloseCode.MALFORMED),
        ("[" * 5000, CloseCode.MALFORMED),
        ('{"device": "b", "volts": 1}', CloseCode.OTHER_DEVICE),
        ('{"device": null}', CloseCode.OTHER_DEVICE),
        (" " * (MAX_FRAME_BYTES + 1), CloseCode.TOO_LARGE),
        ('"' + "é" * (MAX_FRAME_BYTES // 2) + '"', CloseCode.TOO_LARGE),
    ],
)
def test_a_frame_against_the_rules_has_a_code(text: str | None, code: int) -> None:
    with pytest.raises(Refusal) as caught:
        decode_text(text, "a")

    assert caught.value.code == code


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.text() | json_values.map(json.dumps))
def test_any_text_is_a_frame_or_refused(text: str) -> None:
    try:
        frame = decode_text(text, "a")
    except Refusal:
        return
    # What is kept can be stored as PostgreSQL's JSON.
    assert "\\u0000" not in json.dumps([frame.readings, frame.answers], allow_nan=False)


@given(json_values)
def test_any_value_is_a_frame_or_refused(value: Any) -> None:
    with contextlib.suppress(Refusal):
        assert isinstance(decode_frame(value, "a"), Frame)


def test_a_bucket_lets_a_burst_through_and_then_the_rate() -> None:
    bucket = Bucket(rate_per_s=2, burst=3)

    assert [bucket.take(1000) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(1000.5), bucket.take(1000.5)] == [True, False]
    assert [bucket.take(2000) for _ in range(4)] == [True, True, True, False]


def test_a_bucket_survives_a_clock_that_goes_back() -> None:
    bucket = Bucket(rate_per_s=1, burst=1)

    assert bucket.take(10)
    assert not bucket.take(5)
    assert bucket.take(6)


def test_a_token_is_long_and_found_by_its_digest() -> None:
    token = make_token()

    assert token.startswith("fkd_")
    assert len(token) > 43
    assert token not in digest_token(token)
    assert bearer_token(f"bearer {token}") == token
    assert bearer_token(token) == bearer_token("Basic dTpw") == bearer_token("") == ""
