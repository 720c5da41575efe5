"""What makemigrations writes for the field, and what that does to rows."""

from __future__ import annotations

import pytest
from django.contrib.postgres.indexes import GinIndex
from django.db import IntegrityError, models
from django.db.migrations.optimizer import MigrationOptimizer
from django.utils.functional import lazystr

from choice_array_field import ChoiceArrayField
from choice_array_field.column import constraints

from .histories import (
    History,
    checks,
    execute,
    file_node,
    flags,
    insert,
    model,
    stored,
)
from .testapp.models import Kinds

pytestmark = pytest.mark.django_db


def texts(*values, name="Flag", labels=None, base=models.TextChoices):
    labels = labels or [value.title() for value in values]
    members = {
        value.upper(): (value, label)
        for value, label in zip(values, labels, strict=True)
    }
    return base(name, members)


def of(*values, **options):
    options = {"default": list, **options}
    return flags(ChoiceArrayField(texts(*values), **options))


def names(operations):
    return [type(each).__name__ for each in operations]


def test_one_model_is_one_operation_with_its_check():
    history = History()

    [operation] = history.become(of("b", "a"))

    assert [type(each) for each in operation.options["constraints"]] == [
        constraints.ChoiceArrayConstraint
    ]
    assert checks() == [
        (
            "CHECK ((flags <@ ARRAY['a'::character varying, 'b'::character varying]))",
            True,
        )
    ]
    assert history.detect(of("b", "a")) == []
    assert "character varying[]" in str(
        execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE"
            " attrelid = 'past_item'::regclass AND attname = 'flags'"
        )
    )


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(ChoiceArrayField(texts("b", "a")), id="reordered"),
        pytest.param(
            ChoiceArrayField(texts("a", "b", labels=["X", "Y"])), id="relabelled"
        ),
        pytest.param(
            ChoiceArrayField(texts("a", "b", labels=[lazystr("X"), lazystr("Y")])),
            id="lazy labels",
        ),
        pytest.param(ChoiceArrayField(texts("a", "b", name="Moved")), id="moved"),
        pytest.param(
            ChoiceArrayField(models.CharField(choices=[("b", "B"), ("a", "A")])),
            id="list",
        ),
        pytest.param(
            ChoiceArrayField(models.CharField(choices={"G": {"b": "B", "a": "A"}})),
            id="groups",
        ),
        pytest.param(
            ChoiceArrayField(texts("a", "b"), widget="checkboxes"), id="widget"
        ),
    ],
)
def test_the_same_values_are_no_migration(field):
    history = History()
    history.become(flags(ChoiceArrayField(texts("a", "b"))))

    assert history.detect(flags(field)) == []


def test_every_type_is_frozen_as_it_is_read_back():
    fields = {each.name: each for each in Kinds._meta.fields if not each.primary_key}
    kinds = model(**{name: each.clone() for name, each in fields.items()})
    history = History()

    history.become(kinds)

    assert history.detect(kinds) == []


def test_a_longer_member_rewrites_nothing():
    history = History()
    index = GinIndex(fields=["flags"], name="flags_gin")
    small = model(flags=ChoiceArrayField(texts("a", "b")), meta={"indexes": [index]})
    large = model(
        flags=ChoiceArrayField(texts("a", "b", "c" * 99)), meta={"indexes": [index]}
    )
    history.become(small)
    insert(["a"], ["a", "b"])
    before = file_node(), file_node("flags_gin")

    operations = history.become(large)

    assert names(operations) == ["RemoveConstraint", "AlterField", "AddConstraint"]
    assert (file_node(), file_node("flags_gin")) == before
    assert "ccc" in checks()[0][0]
    assert checks()[0][1]
    assert history.detect(large) == []
    history.back()
    assert "ccc" not in checks()[0][0]


def test_a_removed_member_that_rows_use_is_refused():
    history = History()
    history.become(of("a", "b"))
    insert(["a"], ["a", "b"])

    with pytest.raises(IntegrityError, match="past_item_flags_choices"):
        history.become(of("a"))


def test_renames_carry_the_check():
    history = History()
    history.become(of("a", "b"))
    insert(["a"])

    renamed = model(labels=ChoiceArrayField(texts("a", "b"), default=list))
    operations = history.become(renamed)
    assert names(operations) == ["RemoveConstraint", "RenameField", "AddConstraint"]

    thing = model("Thing", labels=ChoiceArrayField(texts("a", "b"), default=list))
    operations = history.become(thing)
    assert sorted(names(operations)) == [
        "AddConstraint",
        "RemoveConstraint",
        "RenameModel",
    ]
    assert stored("past_thing", "labels") == [["a"]]

    moved = model(
        "Thing",
        labels=ChoiceArrayField(texts("a", "b"), default=list, db_column="Odd one"),
        meta={"db_table": '"odd table"'},
    )
    history.become(moved)
    assert history.detect(moved) == []
    [(definition, is_valid)] = checks('"odd table"')
    assert '"Odd one" <@' in definition
    assert is_valid

    for _ in range(3):
        history.back()
    assert stored() == [["a"]]
    assert len(checks()) == 1


def test_a_field_is_added_and_removed_with_its_check():
    history = History()
    plain = model(name=models.CharField(max_length=9, default=""))
    history.become(plain)
    execute("INSERT INTO past_item (name) VALUES ('x')")

    added = model(
        name=models.CharField(max_length=9, default=""),
        flags=ChoiceArrayField(texts("a", "b"), default=["b", "a", "b"]),
    )
    assert names(history.become(added)) == ["AddField", "AddConstraint"]
    assert stored() == [["a", "b"]]

    assert sorted(names(history.become(plain))) == ["RemoveConstraint", "RemoveField"]
    history.back()
    assert len(checks()) == 1


@pytest.mark.parametrize("default", [("a",), ["a"], {"a"}], ids=repr)
def test_a_default_is_frozen_as_a_list(default):
    history = History()
    history.become(of("a", "b", default=default, db_default=default))

    assert history.detect(of("a", "b", default=["a"], db_default=["a"])) == []
    execute("INSERT INTO past_item DEFAULT VALUES")
    assert stored() == [["a"]]


def test_the_whole_history_squashes_into_one_model():
    history = History()
    operations = history.detect(of("a"))
    history.apply(operations)
    operations += history.become(of("a", "b", max_choices=1))

    optimized = MigrationOptimizer().optimize(operations, "past")

    assert names(optimized) == ["CreateModel"]
    assert len(optimized[0].options["constraints"]) == 1
