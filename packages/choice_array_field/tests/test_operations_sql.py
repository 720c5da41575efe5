"""What RenameChoice and RemoveChoice write, for every type and in every state."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.migrations.optimizer import MigrationOptimizer

from choice_array_field import ChoiceArrayField, RemoveChoice, RenameChoice

from .histories import History, checks, execute, flags, insert, read_back, stored
from .test_migrations import of, texts
from .test_operations import ROWS, with_rows

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("base", "values", "new"),
    [
        pytest.param(models.TextField(), ["Z", "a"], "ä", id="text"),
        pytest.param(models.IntegerField(), [9, 10], 2, id="integer"),
        pytest.param(
            models.DecimalField(max_digits=4, decimal_places=2),
            [Decimal("1.5"), Decimal(20)],
            Decimal("100.5") / 10,
            id="decimal",
        ),
        pytest.param(models.FloatField(), [0.1, 2.0], -1.0, id="float"),
        pytest.param(
            models.DateField(),
            [datetime.date(2026, 1, 1), datetime.date(2026, 2, 1)],
            datetime.date(2025, 1, 1),
            id="date",
        ),
        pytest.param(
            models.DateTimeField(),
            [
                datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc),
                datetime.datetime(2026, 2, 1, tzinfo=datetime.timezone.utc),
            ],
            datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc),
            id="datetime",
        ),
        pytest.param(
            models.TimeField(),
            [datetime.time(9), datetime.time(10, 0, 0, 5)],
            datetime.time(1),
            id="time",
        ),
        pytest.param(
            models.UUIDField(),
            [uuid.UUID(int=7), uuid.UUID(int=8)],
            uuid.UUID(int=1),
            id="uuid",
        ),
        pytest.param(
            models.GenericIPAddressField(), ["10.0.0.1", "9.0.0.1"], "::2", id="address"
        ),
        pytest.param(models.BooleanField(), [False, True], False, id="boolean"),
    ],
)
def test_every_type_is_renamed_into_its_order(base, values, new):
    def of_choices(choices):
        field = base.clone()
        field.choices = [(value, str(value)) for value in choices]
        return flags(ChoiceArrayField(field))

    history = History()
    history.become(of_choices(values))
    item = history.state.apps.get_model("past", "item")
    item.objects.create(flags=values)
    rest = [values[1], new]

    history.apply([RenameChoice("item", "flags", values[0], new)])

    item = history.state.apps.get_model("past", "item")
    field = item._meta.get_field("flags")
    assert item.objects.filter(flags=rest).exists()
    assert item.objects.get().flags == field.canonical(rest)
    assert history.detect(of_choices(rest)) == []


def test_members_of_an_enum_may_be_given():
    flag = texts("a", "z")
    history = with_rows([["a"]])

    history.apply(read_back([RenameChoice("item", "flags", flag.A, flag.Z)]))

    assert stored() == [["z"]]


def test_it_takes_the_field_as_it_is_then():
    """Before the field is ours, or with callable choices, only rows are changed."""
    history = History()
    history.become(flags(ArrayField(models.CharField(max_length=9))))
    insert(["b", "a"])

    history.apply([RenameChoice("item", "flags", "a", "z")])
    assert stored() == [["b", "z"]]

    called = ChoiceArrayField(models.CharField(choices=dict), enforce=False)
    history.apply([*history.detect(flags(called))])
    history.apply([RemoveChoice("item", "flags", "b")])
    assert stored() == [["z"]]


def test_the_sql_can_be_read_before():
    history = with_rows()
    operations = history.detect(of("z", "b", "c"))

    sql = history.collected_sql(
        [
            *operations,
            RenameChoice("item", "flags", "a", "z"),
            RemoveChoice("item", "flags", "b"),
        ]
    )

    lines = [line for line in sql.splitlines() if not line.startswith("--")]
    assert [line.split()[0] for line in lines].count("UPDATE") == 2
    assert "array_replace(\"flags\", 'a'::varchar, 'z'::varchar)" in sql
    assert 'ALTER TABLE "past_item" VALIDATE CONSTRAINT' in lines[-1]
    assert [line for line in lines if "VALIDATE" in line] == lines[-1:]
    assert stored() == ROWS


def test_a_squashed_history_runs_on_an_empty_database():
    history = History()
    operations = history.detect(of("a", "b", db_default=["a"]))
    history.apply(operations)
    operations.append(RenameChoice("item", "flags", "b", "z"))
    history.apply(operations[-1:])
    operations += history.become(of("a", "z", "y", db_default=["a"]))
    squashed = MigrationOptimizer().optimize(operations, "past")
    execute("DROP TABLE past_item")

    again = History()
    again.apply(read_back(squashed))

    assert again.detect(of("a", "z", "y", db_default=["a"])) == []
    assert [is_valid for _, is_valid in checks()] == [True]


def test_a_migration_says_what_it_does():
    rename = RenameChoice("Item", "flags", "a", "z")
    remove = RemoveChoice("Item", "flags", "a")

    assert rename.describe() == "Rename choice 'a' of Item.flags to 'z'"
    assert remove.describe() == "Remove choice 'a' of Item.flags"
    assert (
        RemoveChoice("Item", "flags", "a", "b").describe()
        == "Replace choice 'a' of Item.flags by 'b'"
    )
    assert rename.migration_name_fragment == "rename_item_flags_choice"
    assert remove.migration_name_fragment == "remove_item_flags_choice"
    assert rename.references_model("ITEM", "past")
    assert not rename.references_model("other", "past")
