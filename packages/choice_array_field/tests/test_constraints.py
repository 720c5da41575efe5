"""The CHECK: what it refuses, where it is, and when it looks at rows."""

from __future__ import annotations

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from choice_array_field import ChoiceArrayField
from choice_array_field.column import constraints

from .histories import (
    History,
    checks,
    execute,
    insert,
    model,
)
from .test_migrations import names, of, texts

pytestmark = pytest.mark.django_db


def test_the_number_of_choices_is_in_the_check():
    history = History()
    history.become(of("a", "b", "c", min_choices=1, max_choices=2))

    insert(["a"], ["b", "c"])
    for bad in ([], ["a", "b", "c"], ["a", "z"], [None]):
        with pytest.raises(IntegrityError), transaction.atomic():
            insert(bad)

    assert names(history.become(of("a", "b", "c", max_choices=3))) == [
        "RemoveConstraint",
        "AlterField",
        "AddConstraint",
    ]
    insert([])


def test_an_empty_array_passes_a_minimum_where_the_field_may_be_blank():
    history = History()
    history.become(of("a", "b", min_choices=2, blank=True))

    insert([], ["a", "b"])
    with pytest.raises(IntegrityError):
        insert(["a"])


def test_enforce_leaves_the_check_out_and_puts_it_in():
    history = History()
    history.become(of("a", enforce=False))
    assert checks() == []

    assert names(history.become(of("a"))) == ["AlterField", "AddConstraint"]
    assert len(checks()) == 1
    assert names(history.become(of("a", enforce=False))) == [
        "RemoveConstraint",
        "AlterField",
    ]
    assert checks() == []


def test_other_constraints_of_the_model_stay():
    own = models.CheckConstraint(
        condition=~Q(flags__contains=["a", "b"]), name="not_both"
    )
    history = History()
    before = model(flags=ChoiceArrayField(texts("a", "b")), meta={"constraints": [own]})
    history.become(before)

    after = model(
        flags=ChoiceArrayField(texts("a", "b", "c")), meta={"constraints": [own]}
    )
    assert names(history.become(after)) == [
        "RemoveConstraint",
        "AlterField",
        "AddConstraint",
    ]
    assert len(checks()) == 2
    with pytest.raises(IntegrityError, match="not_both"):
        insert(["a", "b"])


def test_each_table_of_an_inheritance_has_its_check_once():
    flag = texts("a", "b")
    base = model("Base", flags=ChoiceArrayField(flag), meta={"abstract": True})
    apps = base._meta.apps
    own = {"app_label": "past", "apps": apps}
    parent = model("Parent", (base,), meta=own)
    child = model("Child", (parent,), meta=own, more=ChoiceArrayField(flag))
    proxy = model("Proxy", (child,), meta={**own, "proxy": True})
    history = History()

    history.become(parent, child, proxy)

    assert history.detect(parent, child, proxy) == []
    assert len(checks("past_parent")) == len(checks("past_child")) == 1
    assert base._meta.constraints == []
    assert proxy._meta.constraints == []


def test_long_names_make_short_names_that_differ():
    long = "x" * 62
    found = {
        constraints.constraint_name(table, column)
        for table in (long, long + "y", f'"{long}z"', "ä" * 40)
        for column in ("flags", "flags2")
    }

    assert len(found) == 8
    assert all(len(name.encode()) <= 63 for name in found)
    assert constraints.constraint_name("a_b", "c") != constraints.constraint_name(
        "a", "b_c"
    )


def test_a_large_table_is_looked_at_in_a_migration_of_its_own():
    history = History()
    history.become(of("a", "b", "z", enforce=False))
    insert(["a", "z"])
    alter, add = history.detect(of("a", "b"))

    history.apply([alter, AddConstraintNotValid("item", add.constraint)])
    assert [is_valid for _, is_valid in checks()] == [False]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(["z"])
    with pytest.raises(IntegrityError), transaction.atomic():
        history.apply([ValidateConstraint("item", add.constraint.name)])
    execute("UPDATE past_item SET flags = '{a}'")
    history.apply([ValidateConstraint("item", add.constraint.name)])

    assert [is_valid for _, is_valid in checks()] == [True]
    assert history.detect(of("a", "b")) == []
