from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postgres_composite_types.exceptions import MemberValueError
from postgres_composite_types.values.exact_json import JSON_NULL, dumps, scan
from postgres_composite_types.values.records import (
    array_items,
    is_array,
    mark_json_nulls,
    record_items,
)

from .testapp.models import Address, Everything, Point, Thing

# PostgreSQL has no NUL, and no half of a surrogate pair.
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
WITH_A_DATABASE = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.django_db
@WITH_A_DATABASE
@given(items=st.lists(st.none() | TEXTS, min_size=2, max_size=5))
def test_the_text_of_any_record_is_read(items):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ROW({', '.join(['%s::text'] * len(items))})::text", items
        )

        assert record_items(cursor.fetchone()[0]) == items


@pytest.mark.django_db
@WITH_A_DATABASE
@given(
    items=st.lists(st.none() | TEXTS, max_size=5)
    | st.integers(1, 3).flatmap(
        lambda n: st.lists(
            st.lists(TEXTS, min_size=n, max_size=n), min_size=1, max_size=3
        )
    )
)
def test_the_text_of_any_array_is_read(items):
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::text[])::text", [items])

        assert array_items(cursor.fetchone()[0]) == items


@pytest.mark.django_db
@WITH_A_DATABASE
@given(street=TEXTS, suburb=st.none() | TEXTS.map(lambda t: t[:50]))
def test_any_text_survives_a_round_trip(street, suburb):
    value = Address(street[:255], suburb)
    text = value._meta.codec.encode(value)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_json(json_populate_record(NULL::x_address, %s))::text", [text]
        )
        assert Address._from_json(cursor.fetchone()[0]) == value
    assert Address._from_json(text) == value


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False)


@settings(max_examples=30)
@given(
    st.recursive(
        st.none() | NUMBERS | TEXTS,
        lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
        max_leaves=8,
    )
)
def test_decimals_keep_their_digits_in_json(value):
    text = dumps(value)

    found, end = scan(text, 0)
    assert end == len(text)
    assert dumps(found) == text
    json.loads(text)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        pytest.param("()", [None], id="one-null"),
        pytest.param('("")', [""], id="one-empty"),
        pytest.param("(,)", [None, None], id="two-nulls"),
        pytest.param('(1,"a ""b"" \\\\",)', ["1", 'a "b" \\', None], id="quotes"),
    ],
)
def test_records_are_taken_apart(text, items):
    assert record_items(text) == items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        pytest.param("{}", [], id="empty"),
        pytest.param('{NULL,"NULL",null1}', [None, "NULL", "null1"], id="nulls"),
        pytest.param("{\x1fa, b}", ["\x1fa", " b"], id="white-space"),
        pytest.param("[0:1]={1,2}", ["1", "2"], id="bounds"),
        pytest.param('{{"{a}"},{b}}', [["{a}"], ["b"]], id="nested"),
    ],
)
def test_arrays_are_taken_apart(text, items):
    assert is_array(text)
    assert array_items(text) == items


def test_what_is_no_array_is_refused():
    with pytest.raises(ValueError, match="is no array"):
        array_items('{"half')


def test_json_nulls_are_told_from_nulls_by_the_record():
    data = {"a": None, "b": None, "c": [{"d": None}], "e": {"f": None}}

    mark_json_nulls(data, '(null,,"{""(null)""}","{""f"": null}")')

    assert data["a"] is JSON_NULL
    assert data["b"] is None
    assert data["c"] == [{"d": JSON_NULL}]
    assert data["e"] == {"f": None}


@pytest.mark.parametrize(
    ("member", "text"),
    [
        pytest.param("date", "infinity", id="date"),
        pytest.param("moment", "infinity", id="moment"),
        pytest.param("time", "25:00", id="time"),
        pytest.param("duration", "soon", id="duration"),
        pytest.param("integer_range", "1-5", id="range"),
        pytest.param("uuid", "x", id="uuid"),
        pytest.param("decimal", "x", id="decimal"),
    ],
)
def test_what_python_cannot_hold_raises_when_it_is_touched(member, text):
    value = Everything._from_json(json.dumps({"text": "a", member: text}))

    with pytest.raises(MemberValueError) as caught:
        getattr(value, member)

    message = str(caught.value)
    assert message.startswith(f"testapp.Everything.{member}: {text!r} cannot be read: ")
    assert "\n" not in message
    assert f"{member}=<MemberValueError>" in repr(value)


@pytest.mark.django_db
def test_an_infinite_date_is_written_back_untouched():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO testapp_thing (value) VALUES"
            ' (json_populate_record(NULL::x_everything, \'{"date": "infinity"}\'))'
        )
        Thing.objects.get().save()
        cursor.execute("SELECT (value).date::text FROM testapp_thing")
        assert cursor.fetchall() == [("infinity",)]


def test_large_and_exact_numbers_are_read_exactly():
    value = Everything._from_json('{"decimal": 1234567890.12345678901234567890}')

    assert value.decimal == Decimal("1234567890.12345678901234567890")


def test_values_have_no_other_attributes():
    point = Point()

    with pytest.raises(AttributeError):
        point.z = 1
