"""RenameChoice and RemoveChoice, wherever they stand."""

from __future__ import annotations

import random

import pytest
from django.db import IntegrityError, models, transaction
from django.db.migrations import RemoveConstraint, RunPython

from choice_array_field import ChoiceArrayField, RemoveChoice, RenameChoice

from .histories import History, checks, insert, model, read_back, stored
from .test_migrations import names, of, texts

pytestmark = pytest.mark.django_db


PLACES = pytest.mark.parametrize("place", range(4))


ROWS = [[], ["a"], ["a", "b"], ["b", "c"], ["a", "b", "c"]]


def with_rows(rows=ROWS, **options):
    history = History()
    history.become(of("a", "b", "c", **options))
    insert(*rows)
    return history


@PLACES
def test_a_rename_may_stand_anywhere(place):
    history = with_rows()
    before = history.state
    operations = history.detect(of("z", "b", "c"))
    assert names(operations) == ["RemoveConstraint", "AlterField", "AddConstraint"]
    operations.insert(place, RenameChoice("Item", "flags", "a", "z"))

    history.apply(read_back(operations))

    assert stored() == [[], ["z"], ["b", "z"], ["b", "c"], ["b", "c", "z"]]
    assert [is_valid for _, is_valid in checks()] == [True]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(["a"])
    assert history.detect(of("z", "b", "c")) == []

    history.back()

    assert stored() == ROWS
    assert [is_valid for _, is_valid in checks()] == [True]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(["z"])
    assert history.state is not before
    assert history.detect(of("a", "b", "c")) == []


@PLACES
@pytest.mark.parametrize("replacement", [None, "b"])
def test_a_removal_may_stand_anywhere(place, replacement):
    history = with_rows()
    wanted = of("b", "c")
    operations = history.detect(wanted)
    operations.insert(place, RemoveChoice("item", "flags", "a", replacement))

    history.apply(read_back(operations))

    put = [replacement] if replacement else []
    assert stored() == [
        [],
        put,
        sorted({"b", *put}),
        ["b", "c"],
        sorted({"b", "c", *put}),
    ]
    assert [is_valid for _, is_valid in checks()] == [True]
    assert history.detect(wanted) == []

    history.back()

    insert(["a"])
    assert [is_valid for _, is_valid in checks()] == [True]
    assert history.detect(of("a", "b", "c")) == []


def test_removal_backwards_fails_where_the_replacement_was_no_choice():
    history = with_rows()
    operations = history.detect(of("b", "c", "z"))
    history.apply([*operations, RemoveChoice("item", "flags", "a", "z")])

    with pytest.raises(IntegrityError, match="past_item_flags_choices"):
        history.back()


@pytest.mark.parametrize(
    ("operation", "values"),
    [
        (RenameChoice("item", "flags", "a", "z"), ["b", "c", "z"]),
        (RemoveChoice("item", "flags", "a"), ["b", "c"]),
        (RemoveChoice("item", "flags", "a", "c"), ["b", "c"]),
    ],
    ids=["rename", "remove", "replace"],
)
@pytest.mark.parametrize("enforce", [True, False])
def test_alone_it_is_the_whole_migration(operation, values, enforce):
    history = with_rows(enforce=enforce)

    history.apply([operation])

    assert history.detect(of(*values, enforce=enforce)) == []
    assert {each for row in stored() for each in row} == {*values}
    assert len(checks()) == enforce
    history.back()
    assert history.detect(of("a", "b", "c", enforce=enforce)) == []


@pytest.mark.parametrize("seed", range(20))
def test_several_may_stand_in_any_order(seed):
    order = random.Random(seed)
    history = with_rows()
    operations = history.detect(of("y", "z", "d"))
    for new in (
        RenameChoice("item", "flags", "a", "z"),
        RenameChoice("item", "flags", "b", "y"),
        RemoveChoice("item", "flags", "c", "d"),
    ):
        operations.insert(order.randrange(len(operations) + 1), new)

    history.apply(operations)

    assert stored() == [[], ["z"], ["y", "z"], ["d", "y"], ["d", "y", "z"]]
    assert [is_valid for _, is_valid in checks()] == [True]
    assert history.detect(of("y", "z", "d")) == []


def test_two_members_change_places_over_a_third():
    history = with_rows([["a"], ["b"], ["a", "b"]])

    history.apply(
        [
            RenameChoice("item", "flags", "a", "x"),
            RenameChoice("item", "flags", "b", "a"),
            RenameChoice("item", "flags", "x", "b"),
        ]
    )

    assert stored() == [["b"], ["a"], ["a", "b"]]
    assert history.detect(of("a", "b", "c")) == []
    history.back()
    assert stored() == [["a"], ["b"], ["a", "b"]]


def test_a_rename_onto_a_member_of_the_row_leaves_it_once():
    history = with_rows([["a", "b"], ["a"]])

    history.apply([RenameChoice("item", "flags", "a", "b")])

    assert stored() == [["b"], ["b"]]


@pytest.mark.parametrize("place", [1, 2, 3])
def test_rows_with_foreign_keys_may_be_written_in_the_same_migration(place):
    def with_owner(*values):
        owner = model("Owner")
        item = model(
            flags=ChoiceArrayField(texts(*values), default=list),
            owner=models.ForeignKey(owner, models.CASCADE),
            meta={"apps": owner._meta.apps},
        )
        return owner, item

    def write(apps, schema_editor):
        owner = apps.get_model("past", "owner").objects.create()
        apps.get_model("past", "item").objects.create(flags=["b"], owner=owner)

    history = History()
    history.become(*with_owner("a", "b"))
    operations = history.detect(*with_owner("z", "b"))
    operations.insert(place, RunPython(write))
    if place < 3:  # Django's own AddConstraint cannot follow
        operations.insert(place + 1, RenameChoice("item", "flags", "a", "z"))

    history.apply(operations)

    assert stored() == [["b"]]
    assert [is_valid for _, is_valid in checks()] == [True]


def test_a_check_that_goes_takes_its_validation_along():
    history = with_rows()
    [name] = [
        each.name
        for each in history.state.models["past", "item"].options["constraints"]
    ]

    history.apply(
        [RenameChoice("item", "flags", "a", "z"), RemoveConstraint("item", name)]
    )

    assert checks() == []
