# ruff: noqa: DJ008 - models of tests are not shown

"""Derived values of derived values, through relations: Python and SQL agree."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import models
from django.db.models import Count, F, Value
from django.test.utils import isolate_apps

from wagtail_derived_fields import DerivedField
from wagtail_derived_fields.exceptions import AssignmentError

from .testapp.models import Job, Yard

NAMES = ["safe", "parts", "more", "is_big", "deep", "over", "far", "is_named"]
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def yards(db):
    top = Yard.objects.create(name="a", size=None)
    middle = [Yard.objects.create(name=n, size=s, above=top) for n, s in MIDDLE]
    low = [Yard.objects.create(name="x", size=7, above=middle[0]) for _ in range(3)]
    return [top, *middle, *low]


MIDDLE = [("b", 5), ("c", None)]


@pytest.mark.parametrize("name", NAMES)
def test_python_and_sql_agree(yards, name):
    stored = dict(Yard.objects.values_list("pk", name))

    assert stored == {yard.pk: getattr(yard, name) for yard in yards}


def test_the_values_are_right(yards):
    top, first, second, *_ = yards

    assert (top.parts, top.more, top.is_big) == (2, 3, True)
    assert top.deep == (3 + 1) + (0 + 1)
    assert (first.over, second.far) == (0, None)
    assert Yard.objects.get(deep=5) == top
    assert list(Yard.objects.filter(above__deep=5, more=4)) == [first]


def test_a_row_that_is_not_there_has_no_value(yards):
    leaves = Yard.objects.filter(below=None).annotate(n=Count("below__safe"))

    assert {yard.n for yard in leaves} == {0}
    assert Yard.objects.filter(below__safe__isnull=True).count() == len(leaves)
    assert set(leaves.values_list("below__safe", flat=True)) == {None}
    assert set(Yard.objects.filter(above=None).values_list("over", flat=True)) == {None}


def test_a_condition_is_compared_as_a_value(yards):
    named = Yard.objects.filter(is_named__in=[True])
    assert {yard.name for yard in named} == {"a", "b"}
    assert Yard.objects.filter(is_named=F("is_big")).exists()


def test_a_constructor_takes_only_the_value_that_follows(db):
    with pytest.raises(AssignmentError):
        Yard.objects.get_or_create(safe=77)
    assert not Yard.objects.exists()
    assert Yard(size=3, safe=3).safe == 3


def test_an_instance_without_its_foreign_key_has_no_value():
    assert Yard().over is None
    assert Job().rate == 0


@isolate_apps("tests.testapp")
def test_time_is_computed_by_the_clock_of_utc():
    class Shift(models.Model):
        start = models.DateTimeField()
        end = models.DateTimeField()
        extra = models.DurationField()
        span = DerivedField(F("end") - F("start"), models.DurationField())
        later = DerivedField(F("start") + F("extra"), models.DateTimeField())

        class Meta:
            app_label = "testapp"

    night = Shift(
        start=datetime.datetime(2024, 3, 31, 0, tzinfo=BERLIN),
        end=datetime.datetime(2024, 3, 31, 6, tzinfo=BERLIN),
        extra=datetime.timedelta(hours=6),
    )

    assert night.span == datetime.timedelta(hours=5)
    assert night.later == datetime.datetime(2024, 3, 31, 7, tzinfo=BERLIN)


@isolate_apps("tests.testapp")
def test_a_range_may_be_of_fields():
    class Span(models.Model):
        low = models.IntegerField()
        size = models.IntegerField()
        is_in = DerivedField(
            models.Case(
                models.When(size__range=(F("low"), 7), then=Value(True)),
                default=Value(False),
            ),
            models.BooleanField(),
        )

        class Meta:
            app_label = "testapp"

    assert Span(low=1, size=7).is_in is True
    assert Span(low=1, size=8).is_in is False
