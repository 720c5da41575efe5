from __future__ import annotations

import datetime
from types import SimpleNamespace

import pytest
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from postgres_composite_types import CompositeType
from postgres_composite_types.declare import registry
from tests.people.models import Address, Person, Point

FITZROY = Address(
    "1 Smith St", "Fitzroy", "3065", since=datetime.date(2020, 1, 2), place=Point(1)
)
PLAIN = {
    "street": "1 Smith St",
    "suburb": "Fitzroy",
    "postcode": "3065",
    "country": "AU",
    "since": "2020-01-02",
    "is_gated": False,
    "place": {"x": 1, "y": None},
}
FIELD = Person._meta.get_field("address")
ARRAY = Person._meta.get_field("previous")


def test_a_value_becomes_plain_data_in_the_declared_order():
    plain = FIELD.value_to_string(Person(address=FITZROY))

    assert plain == PLAIN
    assert list(plain) == list(PLAIN)


def test_plain_data_become_the_value():
    assert FIELD.to_python(PLAIN) == FITZROY
    assert FIELD.to_python(FITZROY) is FITZROY
    assert FIELD.to_python(None) is None


def test_members_that_are_missing_get_their_default():
    assert FIELD.to_python({"suburb": "Fitzroy"}) == Address(suburb="Fitzroy")


def test_an_array_nests_its_values():
    plain = ARRAY.value_to_string(Person(previous=[FITZROY, None]))

    assert plain == [PLAIN, None]
    assert ARRAY.to_python(plain) == [FITZROY, None]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            {"planet": "Mars"}, "Address has no member 'planet'", id="unknown"
        ),
        pytest.param(
            {"since": "soon"}, "since: “soon” value has an invalid date", id="date"
        ),
        pytest.param(
            {"place": {"x": "left"}},
            "place: x: “left” value must be an integer.",
            id="nested",
        ),
        pytest.param("{", "'{' is no JSON object", id="no JSON"),
        pytest.param(
            3, "expected Address or a mapping of its members", id="no mapping"
        ),
    ],
)
def test_data_that_do_not_fit_are_named(data, message):
    with pytest.raises(ValidationError) as raised:
        FIELD.to_python(data)

    [found] = raised.value.messages
    assert message in found


def test_an_array_of_no_json_is_refused():
    with pytest.raises(ValidationError, match=r"'\{' is no JSON"):
        ARRAY.to_python("{")
    assert ARRAY.to_python(3) == 3


def test_members_that_are_arrays_are_converted_too(monkeypatch):
    monkeypatch.setattr(registry.live, "_types", dict(registry.live._types))

    class Trip(CompositeType):
        days = ArrayField(models.DateField(), null=True)

        class Meta:
            db_type = "x_trip"
            app_label = "people"

    monday = datetime.date(2026, 11, 23)
    field = Trip.Field()
    field.set_attributes_from_name("trip")

    plain = field.value_to_string(SimpleNamespace(trip=Trip([monday, None])))

    assert plain == {"days": ["2026-11-23", None]}
    assert field.to_python(plain) == Trip([monday, None])


def test_every_member_that_does_not_fit_is_named_at_once():
    value = Address("x" * 21, None, "30", country="MX", place=Point(None))

    with pytest.raises(ValidationError) as raised:
        Person(name="Ana", address=value).full_clean()

    assert raised.value.message_dict == {
        "address": [
            "street: Ensure this value has at most 20 characters (it has 21).",
            "suburb: This field cannot be null.",
            "postcode: Four digits.",
            "country: Value 'MX' is not a valid choice.",
            "place: x: This field cannot be null.",
        ]
    }


def test_an_element_that_does_not_fit_is_numbered():
    value = Address("1 Smith St", None)

    with pytest.raises(ValidationError) as raised:
        Person(name="Ana", previous=[value]).full_clean()

    assert raised.value.message_dict == {
        "previous": [
            "Item 1 in the array did not validate: suburb: This field cannot be null."
        ]
    }
