"""Tables that Django has not made, and fields that are not its own."""

from __future__ import annotations

import pytest
from django.contrib.postgres import signals
from django.db import connection

from loaddata_stdin.load import load

from .pgapp import models
from .test_load import assert_as_django, stream

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])
PLAIN = "(id integer PRIMARY KEY, name text NOT NULL)"
NAMES = "(id serial PRIMARY KEY, name citext UNIQUE, of_id integer)"
TABLES = {
    models.Name: f"CREATE EXTENSION citext; CREATE TABLE pgapp_name {NAMES}",
    models.Unaware: f"CREATE EXTENSION citext; CREATE TABLE pgapp_unaware {NAMES}",
    models.Special: """
        CREATE EXTENSION hstore; CREATE EXTENSION citext;
        CREATE TYPE mood AS ENUM ('good', 'bad');
        CREATE TABLE pgapp_special (id integer PRIMARY KEY, money varchar(20),
            loud varchar(9) NOT NULL, mood mood NOT NULL, moods varchar(5)[] NOT NULL,
            store hstore NOT NULL, citext citext NOT NULL, moments tstzrange)
    """,
    models.Odd: """
        CREATE SCHEMA "Else where";
        CREATE TABLE "Else where"."Odd table" (id integer PRIMARY KEY,
            "Mixed Case" integer NOT NULL, "50%s" integer, "select" text NOT NULL,
            line integer NOT NULL, number integer NOT NULL,
            "a%" integer REFERENCES "Else where"."Odd table" DEFERRABLE)
    """,
    models.Hash: """
        CREATE TABLE pgapp_hash
        (id integer PRIMARY KEY, name text NOT NULL, "#number" integer NOT NULL)
    """,
    models.View: f"""
        CREATE TABLE pgapp_under {PLAIN};
        CREATE VIEW pgapp_view AS SELECT id, name FROM pgapp_under;
        CREATE FUNCTION pgapp_under() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO pgapp_under VALUES (NEW.id, NEW.name);
            ELSE
                UPDATE pgapp_under SET name = NEW.name WHERE id = NEW.id;
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER under INSTEAD OF INSERT OR UPDATE ON pgapp_view
            FOR EACH ROW EXECUTE FUNCTION pgapp_under()
    """,
    models.Part: f"""
        CREATE TABLE pgapp_part {PLAIN} PARTITION BY RANGE (id);
        CREATE TABLE pgapp_part_1 PARTITION OF pgapp_part FOR VALUES FROM (0) TO (2);
        CREATE TABLE pgapp_part_2 PARTITION OF pgapp_part DEFAULT
    """,
    models.Unlogged: f"CREATE UNLOGGED TABLE pgapp_unlogged {PLAIN}",
    models.Swapped: """
        CREATE TABLE pgapp_swapped (id integer PRIMARY KEY,
            name text UNIQUE DEFERRABLE INITIALLY DEFERRED)
    """,
    models.Always: """
        CREATE TABLE pgapp_always
        (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL)
    """,
}


@pytest.fixture
def table(request):
    """Create the table of a model, which the test's end takes away."""

    def create(model):
        with connection.cursor() as cursor:
            cursor.execute(TABLES[model])
        if model is models.Special:
            signals.get_hstore_oids.cache_clear()
            signals.register_type_handlers(connection)

    yield create
    signals.get_hstore_oids.cache_clear()


def one(model, pk, /, **fields):
    return {"model": model._meta.label_lower, "pk": pk, "fields": fields}


def plain(model):
    rows = [one(model, n, name=name) for n, name in enumerate("abc", 1)]
    return pytest.param(model, rows[:2], [*rows[1:], one(model, 1, name="z")])


@pytest.mark.parametrize(
    ("model", "before", "objects"),
    [
        pytest.param(
            models.Special,
            [one(models.Special, 1, money="3 eur")],
            [
                one(models.Special, 1, money="4 eur", loud="quiet", citext="A"),
                one(models.Special, 2, mood="bad", moods='["good"]', citext="a"),
                one(models.Special, 3, store='{"a": "\\t\\"", "b": null}'),
                one(
                    models.Special,
                    4,
                    moments='{"lower": "2026-01-01T00:00:00Z", "bounds": "[)"}',
                ),
            ],
        ),
        plain(models.Hash),
        plain(models.View),
        plain(models.Part),
        plain(models.Unlogged),
        pytest.param(
            models.Swapped,
            [one(models.Swapped, 1, name="a"), one(models.Swapped, 2, name="b")],
            [one(models.Swapped, 1, name="b"), one(models.Swapped, 2, name="a")],
        ),
        pytest.param(
            models.Name,
            [one(models.Name, 1, name="abc")],
            [
                one(models.Name, 3, name="x", of=["ABC"]),
                one(models.Name, 5, name="def"),
                one(models.Name, 6, name="y", of=["DEF"]),
                one(models.Name, None, name="ABC"),
                one(models.Name, None, name="X", of=["Y"]),
            ],
        ),
        pytest.param(
            models.Unaware,
            [one(models.Unaware, 1, name="abc"), one(models.Unaware, 2, name="d")],
            [
                one(models.Unaware, 3, name="x", of=["ABC"]),
                one(models.Unaware, 4, name="y", of=["d"]),
                one(models.Unaware, 5, name="z", of=["abc"]),
            ],
        ),
    ],
)
def test_any_table_is_as_after_the_command_of_django(
    tmp_path, table, model, before, objects
):
    table(model)

    assert_as_django(tmp_path, "default", objects, [model], before)


def test_an_identity_that_is_always_generated_takes_the_keys_of_the_stream(table):
    table(models.Always)

    load(stream([one(models.Always, 7, name="a"), one(models.Always, None, name="b")]))

    rows = models.Always.objects.order_by("name").values_list("name", "id")
    assert [*rows] == [("a", 7), ("b", 1)]


def test_names_are_quoted_whatever_is_in_them(table):
    table(models.Odd)
    load(stream([one(models.Odd, 1, percent=5), one(models.Odd, 4, other=1)]))

    # Django itself cannot look for a row of this table by a value.
    load(
        stream(
            [
                one(models.Odd, 1, mixed=2, other=[9]),
                one(models.Odd, 2, select="x", number=9),
                one(models.Odd, 3, other=2, percent=7),
            ]
        )
    )

    with connection.cursor() as cursor:
        cursor.execute('SELECT * FROM "Else where"."Odd table" ORDER BY id')
        assert cursor.fetchall() == [
            (1, 2, None, "", 2, 3, 2),
            (2, 1, None, "x", 2, 9, None),
            (3, 1, 7, "", 2, 3, 2),
            (4, 1, None, "", 2, 3, 1),
        ]
