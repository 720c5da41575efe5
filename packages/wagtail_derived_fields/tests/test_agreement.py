# ruff: noqa: DJ008 - models of tests are not shown

"""Python and the database agree on every value, on PostgreSQL and on SQLite."""

from __future__ import annotations

import datetime
import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import (
    Abs,
    Coalesce,
    ExtractDay,
    ExtractMonth,
    ExtractYear,
    Length,
    NullIf,
    Upper,
)
from django.test.utils import isolate_apps
from hypothesis import given, settings
from hypothesis import strategies as st

from wagtail_derived_fields import DerivedField, MonthsBetween
from wagtail_derived_fields.evaluate.months import count_months
from wagtail_derived_fields.exceptions import NoPythonValueError
from wagtail_derived_fields.management.commands import check_derived_fields as command

DATES = st.dates(datetime.date(1900, 1, 1), datetime.date(2200, 12, 31))
CHOSEN = settings(max_examples=150, deadline=None)


@pytest.mark.django_db
@CHOSEN
@given(start=DATES, end=DATES)
def test_months_are_those_of_age(start, end):
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT extract(year from a) * 12 + extract(month from a) FROM"
            " (SELECT age(%s::timestamp, %s::timestamp) a) x",
            [end, start],
        )
        assert count_months(start, end) == cursor.fetchone()[0]


EXPRESSIONS = {
    "months": (MonthsBetween("first", "last"), models.IntegerField()),
    "sum": (F("a") + F("b") * 2 - 1, models.IntegerField()),
    "quotient": (F("a") / NullIf("b", 0), models.IntegerField()),
    "remainder": (F("a") % NullIf("b", 0), models.IntegerField()),
    "span": (F("last") - F("first"), models.DurationField()),
    "coalesce": (Coalesce("a", "b", 0), models.IntegerField()),
    "absolute": (Abs(F("a") - 3), models.IntegerField()),
    "length": (Length("name"), models.IntegerField()),
    "year": (
        ExtractYear("first") * 100 + ExtractMonth("first") - ExtractDay("last"),
        models.IntegerField(),
    ),
    "price": (F("price") * F("b") + F("price"), models.DecimalField()),
    "rate": (F("rate") * F("a"), models.FloatField()),
    "case": (
        Case(
            When(Q(a__gt=2) | ~Q(b__in=[1, 2, None]), then=F("a")),
            When(~Q(a__range=(-1, 1), name="a"), then=Value(7)),
            When(first__lt=F("last"), then=Value(None)),
            default=F("b"),
        ),
        models.IntegerField(),
    ),
    "not not": (
        Case(When(~(~Q(a=1) & Q(b__isnull=True)), then=Value(1)), default=Value(0)),
        models.IntegerField(),
    ),
}


def make_model(expression, output_field):
    class Sample(models.Model):
        a = models.IntegerField(null=True)
        b = models.IntegerField(null=True)
        first = models.DateField(null=True)
        last = models.DateField()
        name = models.CharField(max_length=9, null=True)  # noqa: DJ001
        price = models.DecimalField(max_digits=9, decimal_places=2, null=True)
        rate = models.FloatField(null=True)
        value = DerivedField(expression, output_field)

        class Meta:
            app_label = "testapp"

    return Sample


@pytest.mark.parametrize("database", ["default", "sqlite"])
@pytest.mark.parametrize(("expression", "kind"), EXPRESSIONS.values(), ids=EXPRESSIONS)
@pytest.mark.django_db(databases=["default", "sqlite"])
@isolate_apps("tests.testapp")
def test_what_is_compiled_equals_the_database(expression, kind, database):
    field = make_model(expression, kind)._meta.get_field("value")
    options = {"database": database, "samples": 120, "seed": 3, "rows": 0}
    compared = 0
    for instance, expected in command._compare(field, options):
        actual = field.evaluator(instance)
        if isinstance(expected, float) or (
            database == "sqlite"
            and kind.__class__
            in (
                models.DecimalField,
                models.FloatField,
            )
        ):
            assert actual == pytest.approx(expected)
        else:
            assert actual == expected, command._describe(
                field, instance, actual, expected
            )
        compared += 1
    assert compared > 60


REFUSED = {
    "upper": (Upper("name"), models.CharField(), "Upper"),
    "text order": (
        Case(When(name__gt="m", then=Value(1)), default=Value(0)),
        models.IntegerField(),
        "collation",
    ),
    "decimal division": (F("price") / 3, models.DecimalField(), "/ of DecimalField"),
}


@pytest.mark.parametrize(("expression", "kind", "name"), REFUSED.values(), ids=REFUSED)
@isolate_apps("tests.testapp")
def test_what_differs_is_refused_by_name(expression, kind, name):
    instance = make_model(expression, kind)(name="ß", price=1)

    with pytest.raises(
        NoPythonValueError, match=f"{name}.* has no equivalent in Python"
    ):
        instance.value  # noqa: B018


@pytest.mark.django_db
def test_the_command_compares_every_field():
    output = io.StringIO()
    call_command("check_derived_fields", "testapp.Job", samples=30, stdout=output)

    assert "testapp.Job.duration: 30 values compared" in output.getvalue()


@pytest.mark.django_db
def test_the_command_names_a_difference(monkeypatch):
    from tests.testapp.models import Job

    field = Job._meta.get_field("label")
    monkeypatch.setitem(field.__dict__, "evaluator", lambda job: job.title)

    with pytest.raises(
        CommandError, match=r"testapp\.Job\.label: Python '.*', database '.*!'"
    ):
        call_command("check_derived_fields", "testapp.Job", verbosity=0, seed=2)


def test_the_command_names_an_unknown_model():
    with pytest.raises(CommandError, match="No installed app with label 'shop'"):
        call_command("check_derived_fields", "shop.Job")
