from __future__ import annotations

import doctest

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser

from choice_array_field import ChoiceArrayField

from .histories import History, checks, execute, file_node, flags, insert, stored
from .readme import models as readme
from .test_migrations import names, of

REFERENCE = readme.README.parent / "docs" / "reference.md"
PARSER = PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS)
CHOICES = [("defect", "Defect"), ("docs", "Docs"), ("enhancement", "Enhancement")]


@pytest.fixture
def documented(db):
    """Run the examples of the reference in order; return what they define."""
    parsed = Sybil([PARSER]).parse(REFERENCE)
    parsed.namespace.update(vars(readme))
    parsed.namespace["item"] = readme.Item.objects.create(flags=["docs", "defect"])
    for example in parsed.examples():
        example.evaluate()
    return parsed.namespace


def test_the_examples_of_the_reference_run_one_after_the_other(documented):
    assert documented["item"].get_flags_display()


def ours(**options):
    return flags(
        ChoiceArrayField(models.CharField(max_length=20, choices=CHOICES), **options)
    )


class Copied(ArrayField):
    """The lines that everybody copies; only their form is left out."""

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        return name, f"{__name__}.{type(self).__qualname__}", args, kwargs


class Apps:
    """Finds the model of the tests under the label of the documentation."""

    def __init__(self, apps):
        self.apps = apps

    def get_model(self, label, name):
        assert label == "shop"
        return self.apps.get_model("past", name)


@pytest.fixture
def in_order(documented):
    """Return the last operation of moving here."""

    def run(apps, schema_editor):
        documented["put_in_order"](Apps(apps), schema_editor)

    return migrations.RunPython(run, migrations.RunPython.noop)


@pytest.mark.parametrize("old", [ArrayField, Copied])
def test_moving_here_from_an_array(old, in_order):
    history = History()
    history.become(flags(old(models.CharField(max_length=20, choices=CHOICES))))
    insert(["docs", "defect", "docs"], [])
    before = file_node()

    operations = history.detect(ours())
    assert names(operations) == ["AlterField", "AddConstraint"]
    history.apply(operations)
    assert file_node() == before
    history.apply([in_order])

    assert stored() == [["defect", "docs"], []]
    assert history.detect(ours()) == []
    assert [is_valid for _, is_valid in checks()] == [True]
    history.back()
    history.back()
    assert checks() == []


def test_moving_here_from_commas(documented, in_order):
    history = History()
    history.become(flags(models.CharField(max_length=200, choices=CHOICES)))
    for text in ("docs,defect", "", "enhancement"):
        execute("INSERT INTO past_item (flags) VALUES (%s)", text)
    alter, add = history.detect(of("defect", "docs", "enhancement"))
    assert names([alter, add]) == ["AlterField", "AddConstraint"]

    moved = documented["from_commas"](alter)
    moved.sql = moved.sql.replace("shop_item", "past_item")
    moved.reverse_sql = moved.reverse_sql.replace("shop_item", "past_item")
    history.apply([moved, add, in_order])

    assert stored() == [["defect", "docs"], [], ["enhancement"]]
    assert history.detect(of("defect", "docs", "enhancement")) == []
    history.back()
    assert stored() == ["defect,docs", "", "enhancement"]


def test_members_in_use_are_changed_as_the_reference_shows(documented):
    history = History()
    history.become(of("defect", "docs", "enhancement"))
    insert(["defect", "docs"], ["enhancement"])

    history.apply(documented["operations"])

    assert stored() == [["bug"], ["enhancement"]]
    assert history.detect(of("bug", "enhancement")) == []


def test_a_large_table_is_constrained_as_the_reference_shows(documented):
    history = History()
    history.become(of("defect", "docs", "enhancement", enforce=False))

    history.apply(documented["first_migration"])
    assert [is_valid for _, is_valid in checks()] == [False]
    history.apply(documented["second_migration"])

    assert [is_valid for _, is_valid in checks()] == [True]
