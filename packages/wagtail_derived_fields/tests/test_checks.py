# ruff: noqa: DJ008 - models of tests are not shown

from __future__ import annotations

import pytest
from django.db import models
from django.db.models import Count, F, Value
from django.db.models.functions import Now, Upper
from django.test import override_settings
from django.test.utils import isolate_apps
from modelsearch import index

from wagtail_derived_fields import DerivedField, MonthsBetween
from wagtail_derived_fields.checks import _check_model, check_derived_fields


def check(meta=None, search=(), **fields):
    """Return the messages for a model with these fields."""
    meta = type("Meta", (), {"app_label": "testapp", **(meta or {})})
    namespace = {
        "__module__": __name__,
        "Meta": meta,
        "a": models.IntegerField(),
        "name": models.CharField(max_length=9),
        "day": models.DateField(),
        "search_fields": [index.FilterField(name) for name in search],
        **fields,
    }
    model = type("Sample", (index.Indexed, models.Model), namespace)
    return [(message.id.partition(".")[2], message) for message in _check_model(model)]


def test_the_models_of_the_tests_are_right():
    assert check_derived_fields() == []


def integer(expression, **options):
    return DerivedField(expression, models.IntegerField(), **options)


CASES = {
    "unknown field": ({"x": lambda: integer(F("nothing"))}, "E001", "nothing"),
    "a ring": (
        {"x": lambda: integer(F("y") + 1), "y": lambda: integer(F("x") + 1)},
        "E001",
        "leads back to itself",
    ),
    "months of a number": (
        {"x": lambda: DerivedField(MonthsBetween("a", "day"))},
        "E001",
        "MonthsBetween takes dates",
    ),
    "no Python": (
        {"x": lambda: DerivedField(Upper("name"), models.CharField())},
        "E002",
        "Upper has no equivalent",
    ),
    "the clock": (
        {"x": lambda: DerivedField(Now() - F("day"), models.DurationField())},
        "E006",
        "follows the clock",
    ),
    "stored and mutable": (
        {"x": lambda: DerivedField(Upper("name"), models.CharField(), stored=True)},
        "E005",
        "cannot be stored: Upper",
    ),
    "no relation": (
        {"x": lambda: integer(F("a"), depends_on=["name"])},
        "E007",
        "is not a relation",
    ),
}


@pytest.mark.parametrize(("fields", "code", "words"), CASES.values(), ids=CASES)
@isolate_apps("tests.testapp")
def test_each_mistake_has_its_message(fields, code, words):
    messages = check(**{name: make() for name, make in fields.items()})

    assert code in [found for found, _ in messages]
    assert any(words in message.msg for found, message in messages if found == code)
    assert all(message.hint for _, message in messages)


@isolate_apps("tests.testapp")
def test_meta_wants_the_expression():
    [(code, message)] = check(
        {"indexes": [models.Index(fields=["x"], name="sample_x")]},
        x=integer(F("a") * 2),
    )

    assert code == "E003"
    assert "the index 'sample_x'" in message.msg
    assert "F(a) * Value(2)" in message.hint


@isolate_apps("tests.testapp")
def test_conditions_and_expressions_of_meta_are_read():
    condition = models.Q(x__gt=3) | models.Q(a=F("x"))
    messages = check(
        {
            "indexes": [models.Index(fields=["a"], condition=condition, name="ix")],
            "constraints": [
                models.CheckConstraint(condition=condition, name="ck"),
                models.UniqueConstraint(F("x"), name="un"),
            ],
        },
        x=integer(F("a") * 2),
    )

    assert {code for code, _ in messages} == {"E003"}
    text = " ".join(message.msg for _, message in messages)
    assert all(f"'{name}'" in text for name in ("ix", "ck", "un"))


@isolate_apps("tests.testapp")
def test_a_relation_to_many_needs_an_aggregate():
    class Owner(models.Model):
        flag = DerivedField(
            models.Case(
                models.When(things__name="x", then=Value(True)), default=Value(False)
            ),
            models.BooleanField(),
        )

        class Meta:
            app_label = "testapp"

    class Thing(models.Model):
        name = models.CharField(max_length=9)
        owner = models.ForeignKey(Owner, models.CASCADE, related_name="things")

        class Meta:
            app_label = "testapp"

    assert Thing
    assert "E008" in [m.id.partition(".")[2] for m in _check_model(Owner)]


@isolate_apps("tests.testapp")
def test_a_value_that_no_index_holds():
    field = DerivedField(Value({}, models.JSONField()), models.JSONField())
    field.python(lambda self: {})

    assert [code for code, _ in check(search=["x"], x=field)] == ["E004"]


@isolate_apps("tests.testapp", "django.contrib.contenttypes", "django.contrib.auth")
def test_an_indexed_value_of_other_rows():
    class Owner(index.Indexed, models.Model):
        count = DerivedField(Count("things"), models.IntegerField())
        search_fields = [index.FilterField("count")]

        class Meta:
            app_label = "testapp"

    class Thing(models.Model):
        owner = models.ForeignKey(Owner, models.CASCADE, related_name="things")

        class Meta:
            app_label = "testapp"

    assert Thing
    assert [m.id.partition(".")[2] for m in _check_model(Owner)] == ["W001"]


@pytest.mark.parametrize(
    "back_end",
    ["modelsearch.backends.elasticsearch9", "wagtail.search.backends.elasticsearch8"],
)
def test_the_stock_back_end_is_named(back_end):
    with override_settings(MODELSEARCH_BACKENDS={"default": {"BACKEND": back_end}}):
        messages = check_derived_fields()

    assert {message.id for message in messages} == {"wagtail_derived_fields.W002"}
    assert "wagtail_derived_fields.search.elasticsearch" in messages[0].hint


def test_a_stored_value_follows_its_own_row():
    for options in ({"depends_on": ["x"]}, {"time_dependent": True}):
        with pytest.raises(TypeError, match="cannot depend on other rows"):
            integer(F("a"), stored=True, **options)


def test_an_expression_without_a_kind_needs_one():
    with pytest.raises(TypeError, match=r"needs output_field="):
        DerivedField(F("a"))


def test_it_can_be_made_again_from_its_parts():
    field = integer("a", help_text="twice")
    field.set_attributes_from_name("x")

    name, path, args, options = field.deconstruct()

    assert (name, path) == ("x", "wagtail_derived_fields.declare.fields.DerivedField")
    assert isinstance(DerivedField(*args, **options), DerivedField)
