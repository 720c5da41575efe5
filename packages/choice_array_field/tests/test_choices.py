from __future__ import annotations

import random
from decimal import Decimal

import pytest
from django.utils.functional import lazystr
from hypothesis import given
from hypothesis import strategies as st

from choice_array_field import Choices

from .testapp.models import Flag, Landing, Price


@pytest.mark.parametrize(
    "source",
    [
        pytest.param([("b", "B"), ("a", "A")], id="list"),
        pytest.param((("b", "B"), ("a", "A")), id="tuple"),
        pytest.param({"b": "B", "a": "A"}, id="dict"),
        pytest.param({"G": {"b": "B"}, "H": [("a", "A")]}, id="groups"),
        pytest.param(lambda: [("b", "B"), ("a", "A")], id="callable"),
        pytest.param([(None, "-"), ("b", lazystr("B")), ("a", "A")], id="lazy"),
        pytest.param(iter([("b", "B"), ("a", "A")]), id="iterator"),
    ],
)
def test_choices_are_taken_in_any_form(source):
    choices = Choices(source)

    assert choices.values == ["b", "a"]
    assert choices.flat == [("b", "B"), ("a", "A")]
    assert choices.label("b") == "B"
    assert choices.canonical("bab") == ["a", "b"]
    assert choices.display_order(["zz", "a", "b"]) == ["b", "a", "zz"]
    assert choices.enum is None
    assert len(choices) == 2


def test_groups_are_kept_without_what_stands_for_nothing():
    choices = Choices([(None, "-"), ("G", [("b", "B"), (None, "-")])])

    assert choices.grouped == [("G", [("b", "B")])]
    assert Choices([("a", "A"), ("empty", [])]).values == ["a"]


def test_an_enum_gives_its_members():
    choices = Choices(Flag)

    assert choices.enum is Flag
    assert None not in choices.values
    assert choices.member("docs") is Flag.DOCS
    assert choices.member("zz") == "zz"
    assert choices.label(Flag.DOCS) == choices.label("docs") == "Documentation"
    assert choices.label("zz") == "zz"
    assert Choices(Price).canonical([Price.HIGH, Decimal("1.50")]) == [*Price]
    assert Choices(Landing).canonical([*Landing]) == [
        Landing.APOLLO_11,
        Landing.APOLLO_17,
    ]


@pytest.mark.parametrize(
    "source", [None, 7, "ab", ["ab"], [("a", "A", "x")], [("G", [("a",)])], Flag.DOCS]
)
def test_what_is_malformed_has_no_choices(source):
    assert Choices(source).flat == []


@pytest.mark.parametrize(
    ("value", "nearest"),
    [
        pytest.param("defct", "defect", id="a character is missing"),
        pytest.param("defects", "defect", id="one is too many"),
        pytest.param("defekt", "defect", id="another one"),
        pytest.param("dosc", "docs", id="two are swapped"),
        pytest.param("DOCS", "docs", id="case"),
        pytest.param("documents", None, id="far"),
        pytest.param("", None, id="blank"),
        pytest.param("d", None, id="too short to tell"),
        pytest.param(None, None, id="None"),
        pytest.param(["docs"], None, id="list"),
        pytest.param("d" * 10**6, None, id="long"),
    ],
)
def test_the_nearest_choice_is_one_edit_away(value, nearest):
    assert Choices(Flag).nearest(value) == nearest


def test_the_nearest_number_has_its_type():
    assert Choices([(100, "A"), (2000, "B")]).nearest(200) == 2000
    assert Choices(()).nearest("docs") is None


def test_the_cost_of_a_suggestion_is_that_of_the_value_not_of_the_choices(monkeypatch):
    choices = Choices([(f"choice {n}", "A") for n in range(20_000)])
    looked_up = []
    index = choices._by_edit
    monkeypatch.setitem(
        choices.__dict__,
        "_by_edit",
        type("Counted", (dict,), {"get": lambda _, key: looked_up.append(key)})(index),
    )

    choices.nearest("x" * 60)
    choices.nearest("x" * 61)

    assert len(looked_up) == 61
    assert len(index) <= 1000 * 61


def test_unhashable_values_are_no_choices():
    assert ["docs"] not in Choices(Flag)
    assert Flag.DOCS in Choices(Flag)


@given(st.lists(st.sampled_from([*Flag, *Flag.values, "zz", None])), st.randoms())
def test_one_selection_has_one_form(values, order):
    choices = Choices(Flag)
    canonical = choices.canonical(values)
    shuffled = [*values]
    order.shuffle(shuffled)

    assert choices.canonical(shuffled) == canonical == choices.canonical(canonical)
    assert len({*canonical}) == len(canonical)
    reordered = Choices([("zz", "Z"), *Flag.choices[::-1]])
    assert [*map(str, reordered.canonical(values))] == [*map(str, canonical)]


def test_values_of_several_types_still_have_an_order():
    values = [3, "b", None, 10, "a"]
    found = {tuple(Choices(()).canonical(random.sample(values, 5))) for _ in range(20)}

    assert len(found) == 1
    assert found.pop()[-1] is None
