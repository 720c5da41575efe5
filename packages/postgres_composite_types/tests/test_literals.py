"""Values as literals of definitions, and frozen in migrations."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.writer import MigrationWriter
from django.test.utils import CaptureQueriesContext

from postgres_composite_types.column.literals import literal_sql

from .test_values import MEMBERS, JSONNull
from .testapp.models import Everything, Map, Place, Point, Tag, Thing

pytestmark = pytest.mark.django_db

TAG = Tag(
    'a "b" (c), \\d {e}', [Point(1, 2), None, Point(3, 4)], {"a": ["'", 1.50, None]}
)
NESTED = [
    ("place", Place("x", Point(1, 2), TAG, [TAG, None, Tag("", [], None)], 7)),
    ("place", Place("x", None, Tag("n", [], JSONNull()), [], None)),
    ("grid", [[Point(1, 2), None], [None, Point(None, 4)]]),
    ("grid", []),
    ("legend", TAG),
    ("legends", [TAG, None]),
    ("legends", [None]),
]


def stored_and_literal(model, name, value):
    """Return the text of a value that was inserted, and that of its literal."""
    made = model.objects.create(**{name: value})
    field = model._meta.get_field(name)
    sql, params = literal_sql(
        field, field.get_db_prep_value(value, connection), connection
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {name}::text, ({sql})::text FROM {model._meta.db_table} WHERE id = %s",
            [*params, made.pk],
        )
        return cursor.fetchone()


@pytest.mark.parametrize(("name", "value"), MEMBERS)
def test_a_literal_is_what_the_database_stores(name, value):
    stored, literal = stored_and_literal(Thing, "value", Everything(**{name: value}))

    assert stored == literal


@pytest.mark.parametrize(("name", "value"), NESTED)
def test_a_nested_literal_is_what_the_database_stores(name, value):
    stored, literal = stored_and_literal(Map, name, value)

    assert stored == literal


def test_the_catalog_is_asked_once_for_each_type():
    field = Map._meta.get_field("legends")
    prepared = field.get_db_prep_value([TAG, None, TAG, TAG], connection)

    with CaptureQueriesContext(connection) as queries:
        literal_sql(field, prepared, connection)

    assert len(queries) == 2  # of the tag, and of its points


# Django writes a range without the imports that its bounds need.
FROZEN = [
    *(Everything(**{name: value}) for name, value in MEMBERS if "range" not in name),
    TAG,
]


@pytest.mark.parametrize("value", FROZEN)
def test_a_frozen_value_is_the_same_after_the_migration_was_read(value):
    text, imports = MigrationWriter.serialize(value)
    scope = {}
    exec("\n".join([*imports, f"frozen = {text}"]), scope)

    field = type(value).Field()

    assert field.get_prep_value(scope["frozen"]) == value
    assert not any("testapp" in line for line in imports)
