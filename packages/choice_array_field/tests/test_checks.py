"""Declarations that cannot work, and what the checks say of them."""

from __future__ import annotations

import enum
from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.admin.sites import AdminSite, all_sites
from django.contrib.postgres.indexes import GinIndex
from django.core.checks import run_checks
from django.db import DatabaseError, connections, models
from django.db.models.functions import Now

from choice_array_field import ChoiceArrayField
from choice_array_field.column.index_checks import check_indexes

from .histories import model
from .testapp.models import Answer, Flag, Item, Size, current_choices


class Plain(enum.Enum):
    A = "a"


class Untyped(models.Choices):
    A = "a", "A"


def char(**options):
    return models.CharField(**options)


def failing():
    raise DatabaseError


def found(field, **kwargs):
    model(flags=field)
    return [(each.id, each.msg) for each in field.check(**kwargs)]


def test_the_test_models_pass_every_check():
    messages = run_checks(databases=["default"])

    # Wagtail 7.4.0 has managers that a newer treebeard warns of.
    assert [each for each in messages if each.id != "treebeard.E001"] == []


@pytest.mark.parametrize(
    ("field", "number", "text"),
    [
        pytest.param(ChoiceArrayField(char()), 1, "no choices", id="none"),
        pytest.param(ChoiceArrayField(char(choices=[])), 1, "no choices", id="empty"),
        pytest.param(ChoiceArrayField(Plain), 2, "plain enum.Enum", id="plain enum"),
        pytest.param(
            ChoiceArrayField(char(choices=[(Plain.A, "A")])), 2, "plain", id="members"
        ),
        pytest.param(ChoiceArrayField(Untyped), 2, "tuples", id="enum without type"),
        pytest.param(
            ChoiceArrayField(char(choices=current_choices)), 3, "CHECK", id="callable"
        ),
        pytest.param(ChoiceArrayField(Flag, default=["zz"]), 4, "'zz'", id="default"),
        pytest.param(
            ChoiceArrayField(Flag, default=lambda: ["zz"]),
            4,
            "'zz'",
            id="called default",
        ),
        pytest.param(ChoiceArrayField(Flag, default="docs"), 4, "'docs'", id="text"),
        pytest.param(ChoiceArrayField(Flag, default=7), 4, "7", id="number"),
        pytest.param(
            ChoiceArrayField(Flag, db_default=["zz"]), 4, "db_default", id="db_default"
        ),
        pytest.param(
            ChoiceArrayField(Flag, min_choices=3, max_choices=2),
            6,
            "more",
            id="min > max",
        ),
        pytest.param(
            ChoiceArrayField(Flag, min_choices=4), 6, "the 3 choices", id="min"
        ),
        pytest.param(ChoiceArrayField(Flag, max_choices=-1), 6, "-1", id="negative"),
        pytest.param(
            ChoiceArrayField(
                models.DecimalField(
                    max_digits=3, decimal_places=1, choices=[(Decimal("1.55"), "")]
                )
            ),
            7,
            "decimal place",
            id="decimal that does not fit",
        ),
        pytest.param(
            ChoiceArrayField(models.SmallIntegerField(choices=[(99999, "")])),
            7,
            "99999",
            id="number that does not fit",
        ),
        pytest.param(
            ChoiceArrayField(models.IntegerField(choices=[("ten", "")])),
            7,
            "'ten'",
            id="no number",
        ),
    ],
)
def test_a_bad_declaration_is_named(field, number, text):
    model(flags=field)
    errors = [each for each in field.check() if each.id.startswith("choice_array")]

    assert [each.id for each in errors] == [f"choice_array_field.E{number:03}"]
    assert text in errors[0].msg
    assert errors[0].hint
    assert errors[0].obj is field
    assert "\n" not in errors[0].msg + errors[0].hint


@pytest.mark.parametrize(
    "field",
    [
        ChoiceArrayField(Flag, default=[Flag.DOCS]),
        ChoiceArrayField(Flag, default=("docs",)),
        ChoiceArrayField(Flag, default=lambda: {Flag.DOCS}),
        ChoiceArrayField(Flag, default=None, null=True),
        ChoiceArrayField(Flag, default=lambda: None, null=True),
        ChoiceArrayField(Flag, default=failing),
        ChoiceArrayField(Flag, default=list, db_default=[]),
        ChoiceArrayField(
            models.DateTimeField(choices=[("2026-01-01", "")]), default=lambda: Now()
        ),
        ChoiceArrayField(Size, min_choices=0, max_choices=9),
        ChoiceArrayField(Answer),
        ChoiceArrayField(char(choices=current_choices), enforce=False, default=["zz"]),
    ],
    ids=lambda field: str(field.deconstruct()[3].get("default")),
)
def test_a_good_declaration_is_silent(field):
    assert found(field) == []


def test_choices_too_long_are_the_base_fields_error_alone():
    field = ChoiceArrayField(char(max_length=2, choices=[("long", "L")]))

    [(number, text)] = found(field)

    assert number == "postgres.E001"
    assert "fields.E009" in text


def test_malformed_choices_are_the_base_fields_error():
    field = ChoiceArrayField(char(choices=["ab", "cd"]))

    assert [number for number, _ in found(field)] == [
        "postgres.E001",
        "choice_array_field.E001",
    ]


def test_another_database_is_refused_before_migrate_dies(monkeypatch):
    monkeypatch.setattr(connections["other"], "vendor", "sqlite")
    field = ChoiceArrayField(Flag)
    model(flags=field)

    errors = [
        each
        for each in field.check(databases=["default", "other"])
        if each.id == "choice_array_field.E005"
    ]

    assert [each.msg for each in errors] == [
        "Arrays need PostgreSQL; the database 'other' is sqlite."
    ]
    assert [e for e in field.check() if e.id == "choice_array_field.E005"] == []


@pytest.fixture
def site():
    site = AdminSite()
    yield site
    all_sites.discard(site)


@pytest.mark.parametrize(
    ("indexes", "warnings"),
    [
        pytest.param([], ["choice_array_field.W001"], id="none"),
        pytest.param([GinIndex(fields=["flags"], name="gin")], [], id="gin"),
        pytest.param(
            [models.Index(fields=["flags"], name="btree")],
            ["choice_array_field.W001"],
            id="btree",
        ),
    ],
)
@pytest.mark.parametrize(
    "list_filter", [["flags"], [("flags", admin.AllValuesFieldListFilter)]], ids=str
)
def test_an_admin_filter_wants_a_gin_index(
    site, monkeypatch, indexes, warnings, list_filter
):
    filters = ["name", *list_filter, admin.SimpleListFilter, "no__such"]
    site.register(Item, type("Admin", (admin.ModelAdmin,), {"list_filter": filters}))
    monkeypatch.setattr(Item._meta, "indexes", indexes)

    messages = check_indexes()

    assert [each.id for each in messages] == warnings
    if warnings:
        assert messages[0].hint == (
            "Add GinIndex(fields=['flags'], name='item_flags_gin')"
            " to Meta.indexes of testapp.Item."
        )


def test_no_admin_is_no_warning(settings):
    settings.INSTALLED_APPS = ["django.contrib.contenttypes", "choice_array_field"]

    assert check_indexes() == []
