from __future__ import annotations

import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from postgres_composite_types.declare import registry

pytestmark = pytest.mark.django_db

SQL = """
CREATE TYPE map_mood AS ENUM ('sad', 'ok');
CREATE TYPE map_point AS (x integer, y double precision);
CREATE SCHEMA "geo";
CREATE TYPE geo."X Address" AS (
    street varchar(255), "Suburb" text, "class" varchar, price numeric(8, 2),
    free numeric, place map_point, places map_point[], grid integer[][], feeling map_mood,
    since timestamptz, until timestamptz(3), span daterange, id uuid, data jsonb,
    raw bytea, took interval
);
"""
SOURCE = """\
from django.contrib.postgres import fields as postgres
from django.db import models

from postgres_composite_types import CompositeType


class MapPoint(CompositeType):
    x = models.IntegerField(null=True, blank=True)
    y = models.FloatField(null=True, blank=True)

    class Meta:
        db_type = 'map_point'
        managed = False


class XAddress(CompositeType):
    street = models.CharField(max_length=255, null=True, blank=True)
    suburb = models.TextField(null=True, blank=True, db_column='Suburb')  # Field name made lowercase.
    class_field = models.CharField(null=True, blank=True, db_column='class')  # Field renamed because it was a Python reserved word.
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    free = models.DecimalField(max_digits=30, decimal_places=15, null=True, blank=True)  # A guess: it is numeric.
    place = MapPoint.Field(null=True, blank=True)
    places = postgres.ArrayField(MapPoint.Field(), null=True, blank=True)
    grid = postgres.ArrayField(postgres.ArrayField(models.IntegerField()), null=True, blank=True)
    feeling = models.TextField(null=True, blank=True)  # A guess: it is map_mood.
    since = models.DateTimeField(null=True, blank=True)
    until = models.TextField(null=True, blank=True)  # A guess: it is timestamp(3) with time zone.
    span = postgres.DateRangeField(null=True, blank=True)
    id = models.UUIDField(null=True, blank=True)
    data = models.JSONField(null=True, blank=True)
    raw = models.BinaryField(null=True, blank=True)
    took = models.DurationField(null=True, blank=True)

    class Meta:
        db_type = 'X Address'
        schema = 'geo'
        managed = False
"""


@pytest.fixture
def types():
    with connection.cursor() as cursor:
        cursor.execute(SQL)


def inspect(*names):
    output = StringIO()
    call_command("inspect_composite_types", *names, stdout=output)
    return output.getvalue()


def test_a_class_is_written_for_a_type_and_those_inside_it(types):
    assert inspect("geo.X Address") == SOURCE


def test_every_type_is_written_unless_some_are_named(types):
    source = inspect()

    assert "class XAddress(" in source
    assert "class PeopleAddress(" in source


def test_what_is_written_can_be_imported(types, monkeypatch):
    monkeypatch.setattr(registry.live, "_types", {})
    source = inspect("X Address").replace(
        "class Meta:", 'class Meta:\n        app_label = "geo"'
    )
    module = {"__name__": "geo"}

    exec(source, module)

    assert module["XAddress"]._meta.qualified_name == '"geo"."X Address"'
    assert module["XAddress"]._meta.get_field("suburb").column == "Suburb"


HOSTILE = [
    "x\nraise SystemExit('ran')\n",
    "x\rraise SystemExit('ran')\r",
    "x'); raise SystemExit('ran') #",
    'x"); raise SystemExit("ran") #',
    "character varying(raise SystemExit('ran'))",
    "numeric(__import__('os'),2)",
    "\u202e x \u2028 y \x0c z",
    "\\",
    "none",
    "composite_type",
    "1",
    "²",
    "ﬁ",
    "fi",
    "🙂",
    "__class__",
]


@pytest.mark.parametrize("place", ["type", "schema", "attribute", "enum"])
def test_no_name_in_the_database_becomes_code(place, monkeypatch):
    quoted = [connection.ops.quote_name(name.replace('"', '""')) for name in HOSTILE]
    made = {
        "type": ["CREATE TYPE {0} AS (a integer)"],
        "schema": ["CREATE SCHEMA {0}", "CREATE TYPE {0}.map_point AS (a integer)"],
        "attribute": ["ALTER TYPE hostile ADD ATTRIBUTE {0} integer"],
        "enum": [
            "CREATE TYPE {0} AS ENUM ('a')",
            "ALTER TYPE hostile ADD ATTRIBUTE e{1} {0}",
        ],
    }
    monkeypatch.setattr(registry.live, "_types", {})
    with connection.cursor() as cursor:
        cursor.execute("CREATE TYPE hostile AS (first integer)")
        for number, name in enumerate(quoted):
            for statement in made[place]:
                cursor.execute(statement.format(name, number))
    module = {"__name__": "geo"}

    exec(
        inspect().replace("class Meta:", "class Meta:\n        app_label = 'geo'"),
        module,
    )

    types = [
        each
        for name, each in module.items()
        if name != "CompositeType" and getattr(each, "_meta", None)
    ]
    if place == "type":
        assert {each._meta.db_type for each in types} >= set(HOSTILE)
    elif place == "schema":
        assert {each._meta.schema for each in types} >= set(HOSTILE)
    else:
        columns = [field.column for field in module["Hostile"]._meta.fields]
        expected = HOSTILE if place == "attribute" else [f"e{n}" for n in range(16)]
        assert columns == ["first", *expected]


def test_types_of_one_name_in_two_schemas_get_two_classes(types):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TYPE geo.map_point AS (z integer)")

    source = inspect("map_point")

    assert "class GeoMapPoint(" in source or "class PublicMapPoint(" in source
    assert "schema = 'geo'" in source


def test_an_unknown_type_is_refused_with_those_there_are(types):
    with pytest.raises(
        CommandError, match=r"'default' does not have map_pint; it has .*map_point"
    ):
        inspect("map_pint")


def test_a_database_that_is_no_postgresql_is_refused(tmp_path):
    code = (
        "from django.conf import settings;"
        "settings.configure(DATABASES={'default': {'ENGINE': 'django.db.backends.sqlite3'}},"
        "INSTALLED_APPS=['postgres_composite_types']);"
        "from django.core.management import execute_from_command_line;"
        "execute_from_command_line(['manage.py', 'inspect_composite_types'])"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )

    assert done.returncode == 1
    assert done.stderr == "CommandError: 'default' is sqlite, not PostgreSQL.\n"
