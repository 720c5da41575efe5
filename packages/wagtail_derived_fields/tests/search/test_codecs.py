"""A value of the index comes back as it was, and compares as before."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import models
from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_derived_fields.search.codecs import find_codec

PRICE = models.DecimalField(max_digits=9, decimal_places=2)
KINDS = [
    (models.IntegerField(), st.integers(-(2**31), 2**31 - 1)),
    (models.BooleanField(), st.booleans()),
    (models.DateTimeField(), st.datetimes(timezones=st.just(datetime.timezone.utc))),
    (models.DurationField(), st.timedeltas()),
    (models.TimeField(), st.times()),
    (models.UUIDField(), st.uuids()),
    (models.CharField(), st.text()),
    (PRICE, st.decimals("-9999999.99", "9999999.99", places=2)),
]


@pytest.mark.parametrize(("field", "values"), KINDS, ids=lambda x: type(x).__name__)
def test_a_value_comes_back_and_keeps_its_order(field, values):
    codec = find_codec(field)

    @settings(deadline=None, max_examples=60)
    @given(values, values)
    def law(left, right):
        one, other = codec.encode(left), codec.encode(right)
        assert codec.decode(one) == left
        assert (one < other) == (left < right)

    law()


def test_a_day_is_a_date_of_the_index():
    codec = find_codec(models.DateField())
    assert codec.encode(datetime.date(2026, 1, 2)) == "2026-01-02"
    assert codec.decode(1767312000000) == datetime.date(2026, 1, 2)


def test_a_condition_may_be_given_as_another_number():
    assert find_codec(PRICE).encode("1.5") == 150
    assert find_codec(PRICE).encode(Decimal(2)) == 200


@pytest.mark.parametrize(
    "field",
    [
        models.JSONField(),
        models.BinaryField(),
        models.DecimalField(max_digits=30, decimal_places=2),
    ],
)
def test_what_an_index_cannot_hold_has_none(field):
    assert find_codec(field) is None
