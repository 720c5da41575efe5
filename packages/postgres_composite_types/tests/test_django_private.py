"""What is used of Django that it does not promise; run with every version of it."""

from __future__ import annotations

import inspect

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.backends.postgresql import compiler as postgresql
from django.db.models import Value
from django.db.models.expressions import Ref
from django.db.models.sql.compiler import PositionRef, SQLCompiler
from django.db.models.sql.query import Query
from django.db.models.sql.subqueries import UpdateQuery

from postgres_composite_types.column import arrays, django_private

from .testapp.models import Person, Point, Tag


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        pytest.param(PositionRef.as_sql, ["compiler", "connection"], id="position"),
        pytest.param(
            SQLCompiler._get_combinator_part_sql, ["compiler"], id="combinator"
        ),
        pytest.param(
            postgresql.SQLInsertCompiler.assemble_as_sql,
            ["fields", "value_rows"],
            id="insert",
        ),
        pytest.param(UpdateQuery.add_update_values, ["values"], id="update"),
        pytest.param(Value._resolve_output_field, [], id="value"),
    ],
)
def test_what_is_replaced_takes_what_it_took(method, arguments):
    parameters = list(inspect.signature(method.__wrapped__).parameters)

    assert method.of_composites
    assert parameters == ["self", *arguments]


def test_build_filter_says_whether_it_is_negated():
    original = Query.build_filter.__wrapped__

    assert "current_negated" in inspect.signature(original).parameters


def test_update_fields_are_taken_as_field_model_and_value():
    query = UpdateQuery(Person)

    query.add_update_values({"name": "Ann", "address__suburb": "Fitzroy"})

    targets = {(field.column, model, value) for field, model, value in query.values}
    assert targets == {
        ("name", Person, "Ann"),
        ('"address"."suburb"', Person, "Fitzroy"),
    }


def test_a_quoted_column_is_not_quoted_again():
    assert connection.ops.quote_name('"address"."suburb"') == '"address"."suburb"'


def test_bulk_inserts_select_from_what_unnest_is_replaced_by():
    rows = django_private.UnnestedRows(["(SELECT 1) AS one"])

    assert isinstance(rows, postgresql.InsertUnnest)
    assert connection.ops.bulk_insert_sql([], rows) == "SELECT * FROM (SELECT 1) AS one"


def test_a_position_knows_what_it_stands_for():
    reference = PositionRef(2, "point", Value(Point(), Point.Field()))

    assert isinstance(reference, Ref)
    assert type(reference.source._output_field_or_none) is Point.Field


def test_values_find_the_field_of_composite_types_and_lists_of_them():
    assert type(Value(Point()).output_field) is Point.Field
    nested = Value([[None], [Point()]]).output_field
    assert isinstance(nested.base_field, ArrayField)
    assert type(nested.base_field.base_field) is Point.Field
    assert type(Value("x").output_field) is models.CharField


def test_installing_again_changes_nothing():
    owners = [(owner, name) for owner, name, _ in django_private.REPLACEMENTS]
    owners += [(ArrayField, name) for name in arrays.REPLACEMENTS]
    before = [getattr(owner, name, None) for owner, name in owners]

    django_private.install()
    arrays.install()

    assert [getattr(owner, name, None) for owner, name in owners] == before


@pytest.mark.django_db
def test_rows_are_inserted_without_the_private_assembly(monkeypatch):
    replaced = postgresql.SQLInsertCompiler.assemble_as_sql
    monkeypatch.setattr(
        postgresql.SQLInsertCompiler, "assemble_as_sql", replaced.__wrapped__
    )
    people = [Person(address={"street": "x"}, previous=[]), Person(previous=None)]

    Person.objects.bulk_create(people)

    assert Person.objects.filter(address__street="x", previous=[]).count() == 1
    assert Person.objects.filter(address=None, previous=None).count() == 1


def test_arrays_of_anything_else_are_left_alone():
    field = ArrayField(models.IntegerField())

    assert field.get_db_prep_value([1], connection) == [1]
    assert Tag._meta.get_field("points").get_internal_type() == "ArrayField"
