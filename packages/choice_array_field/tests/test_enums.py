from __future__ import annotations

import enum
import sys

import pytest
from django.db import models
from django.test.utils import isolate_apps

from choice_array_field import ChoiceArrayField, Choices
from choice_array_field.baker import random_members


class Colour(str, enum.Enum):
    DEEP_RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 20


ENUMS = [Colour, Level]
if sys.version_info >= (3, 11):
    ENUMS.append(enum.StrEnum("Shape", {"ROUND": "round", "FLAT": "flat"}))


@pytest.mark.parametrize("kind", ENUMS)
def test_an_enum_whose_members_are_values_is_taken(kind):
    with isolate_apps("tests.testapp"):

        class Thing(models.Model):
            kinds = ChoiceArrayField(kind)

            class Meta:
                app_label = "testapp"

            def __str__(self):
                return self.get_kinds_display()

    first, second = kind
    thing = Thing(kinds=[second.value, first])

    assert Thing._meta.get_field("kinds").check() == []
    assert set(thing.kinds) == {*kind}
    assert all(type(member) is kind for member in thing.kinds)
    assert str(thing) == ", ".join(label for _, label in Choices(kind).flat)
    [_, form_choice] = Thing._meta.get_field("kinds").formfield().choices
    assert form_choice[0] == second.value


def test_labels_are_those_that_django_would_give():
    assert Choices(Colour).flat == [("red", "Deep Red"), ("blue", "Blue")]


@isolate_apps("tests.testapp")
def test_a_copy_of_the_field_in_an_audit_log_is_not_constrained():
    from copy import copy

    class Thing(models.Model):
        kinds = ChoiceArrayField(Colour)

        class Meta:
            app_label = "testapp"

        def __str__(self):
            return str(self.kinds)

    copied = copy(Thing._meta.get_field("kinds"))  # as django-simple-history does
    meta = type("Meta", (), {"app_label": "testapp"})
    members = {"kinds": copied, "Meta": meta, "__module__": __name__}
    history = type("HistoricalThing", (models.Model,), members)

    assert len(Thing._meta.constraints) == 1
    assert history._meta.constraints == []
    assert history(kinds=["blue"]).get_kinds_display() == "Blue"


@isolate_apps("tests.testapp")
def test_a_field_of_an_abstract_model_is_constrained_in_each_child():
    class Base(models.Model):
        kinds = ChoiceArrayField(Colour)

        class Meta:
            app_label = "testapp"
            abstract = True

    children = [
        type(
            name,
            (Base,),
            {
                "Meta": type("Meta", (), {"app_label": "testapp"}),
                "__module__": __name__,
            },
        )
        for name in ("One", "Two")
    ]

    assert [len(child._meta.constraints) for child in children] == [1, 1]


def test_model_bakery_gets_as_many_members_as_the_field_needs():
    field = ChoiceArrayField(Colour, min_choices=2)
    options = dict(required(field) for required in random_members.required)

    assert sorted(random_members(**options)) == ["blue", "red"]
    assert len(random_members(ChoiceArrayField(Colour))) == 1
