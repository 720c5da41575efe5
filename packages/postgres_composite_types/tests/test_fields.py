from __future__ import annotations

import datetime

import pytest
from django.db.models import F

from .testapp.models import Address, Person

pytestmark = pytest.mark.django_db

HOME = Address("1 High St", "Fitzroy", 3, datetime.date(2020, 1, 2))


def test_a_value_survives_a_round_trip():
    Person.objects.create(name="Ann", address=HOME, previous=[HOME, None])

    found = Person.objects.get()

    assert found.address == HOME
    assert found.previous == [HOME, None]


def test_null_stays_null():
    Person.objects.create(name="Ann", previous=None)

    found = Person.objects.get()

    assert found.address is None
    assert found.previous is None


def test_a_member_is_looked_up():
    Person.objects.create(name="Ann", address=HOME)
    Person.objects.create(name="Bob", address=Address("2 High St", "Collingwood"))

    found = Person.objects.filter(address__suburb__startswith="Fitz")

    assert [p.name for p in found] == ["Ann"]
    assert list(found.values_list("address__since", F("address__number"))) == [
        (datetime.date(2020, 1, 2), 3)
    ]
