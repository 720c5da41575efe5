"""The law: a replay of the history makes the same schema as the life of a database."""

from __future__ import annotations

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.migrations import Migration
from django.db.models import F, GeneratedField, Q

from postgres_composite_types import CompositeTypeField
from postgres_composite_types.operations import AddAttribute
from tests.histories import Database, History, composite, model

pytestmark = pytest.mark.django_db


def text(length=50, **options):
    return models.CharField(max_length=length, **options)


def whole(**options):
    return models.IntegerField(**options)


def big(**options):
    return models.BigIntegerField(**options)


def place(name="geo.Address"):
    return composite(
        "geo.Place",
        "x_place",
        title=text(),
        address=CompositeTypeField(name),
        others=ArrayField(CompositeTypeField(name), null=True),
    )


def person(member="suburb", name="geo.Address", number=whole, **fields):
    return model(
        "shop.Person",
        address=CompositeTypeField(name, null=True),
        previous=ArrayField(CompositeTypeField(name), default=list, null=True),
        place=CompositeTypeField("geo.Place", null=True),
        double=GeneratedField(
            expression=F("address__number") * 2, output_field=number(), db_persist=True
        ),
        note=text(),
        indexes=[
            models.Index(F(f"address__{member}"), name="person_member"),
            models.Index(
                fields=["id"], name="person_few", condition=Q(address__number__gt=1)
            ),
        ],
        constraints=[
            models.UniqueConstraint(f"address__{member}", name="person_unique"),
            models.CheckConstraint(
                condition=Q(address__number__lt=1000), name="person_small"
            ),
        ],
        **fields,
    )


ZIP = "3000%s"
LIFE = {
    "create": [
        composite("geo.Address", "x_address", suburb=text(), number=whole()),
        place(),
        person(),
    ],
    "add": [
        composite(
            "geo.Address",
            "x_address",
            postcode=text(default=ZIP),
            suburb=text(),
            number=whole(),
        ),
        place(),
        person(),
    ],
    "rename": [
        composite(
            "geo.Address",
            "x_address",
            locality=text(),
            number=whole(),
            postcode=text(default=ZIP),
        ),
        place(),
        person("locality"),
    ],
    "alter": [
        composite(
            "geo.Address",
            "x_address",
            locality=models.TextField(),
            number=whole(),
            postcode=text(20),
        ),
        place(),
        person("locality"),
    ],
    "remove": [
        composite(
            "geo.Address", "x_address", locality=models.TextField(), postcode=text(20)
        ),
        place(),
        model(
            "shop.Person",
            address=CompositeTypeField("geo.Address", null=True),
            previous=ArrayField(CompositeTypeField("geo.Address"), null=True),
            place=CompositeTypeField("geo.Place", null=True),
            note=text(),
        ),
    ],
    "rename type": [
        composite(
            "geo.Spot", "x_address", locality=models.TextField(), postcode=text(20)
        ),
        place("geo.Spot"),
        model(
            "shop.Person",
            address=CompositeTypeField("geo.Spot", null=True),
            previous=ArrayField(CompositeTypeField("geo.Spot"), null=True),
            place=CompositeTypeField("geo.Place", null=True),
            note=text(),
        ),
    ],
    "move type": [
        composite(
            "geo.Spot",
            'X "spot"',
            schema="far away",
            locality=models.TextField(),
            postcode=text(20),
        ),
        place("geo.Spot"),
        model(
            "shop.Person",
            address=CompositeTypeField("geo.Spot", null=True),
            previous=ArrayField(CompositeTypeField("geo.Spot"), null=True),
            place=CompositeTypeField("geo.Place", null=True),
            note=text(),
        ),
    ],
    "delete": [model("shop.Person", note=text())],
}

SEED = """
INSERT INTO shop_person (address, previous, place, note) VALUES
    ('(Fitzroy,1)', ARRAY['(Carlton,2)', NULL, '(,)']::x_address[],
     ('home', '(Coburg,3)', '{"(Preston,4)"}')::x_place, 'full'),
    (NULL, NULL, NULL, 'null'),
    ('(,)', '{}', '(,,)', 'row of nulls')
"""
VALUES = """
SELECT address::text, previous::text, place::text, address IS NOT DISTINCT FROM NULL
FROM shop_person ORDER BY id
"""


def live(database):
    """Live through the history; return it, and what each step left behind."""
    history, left = History(), {}
    for step, declared in LIFE.items():
        history.evolve(*declared)
        database.migrate(history)
        if step == "create":
            database.run(SEED)
        values = database.run(VALUES) if step != "delete" else None
        left[step] = history.leaves, database.schema(), values
    return history, left


@pytest.fixture(scope="module")
def lived(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), Database() as database:
        return live(database)


@pytest.mark.parametrize("step", ["alter", "remove", "move type"])
def test_a_replay_makes_the_schema_of_a_living_database(lived, step):
    history, left = lived
    leaves, schema, _ = left[step]

    with Database() as fresh:
        fresh.migrate(history, *leaves)

        assert fresh.schema() == schema


def without_leftovers(schema):
    """Sort the columns of tables: Django adds a column that comes back at the end.

    A schema that was made for a type stays: others may have put something into it.
    """
    columns = sorted(line.rstrip(",") for line in schema if line.startswith("    "))
    return columns, [
        line
        for line in schema
        if not line.startswith(("    ", "CREATE SCHEMA", "ALTER SCHEMA"))
    ]


def test_every_step_can_be_taken_back_and_again(lived):
    history, left = lived
    steps = [(leaves, schema) for leaves, schema, _ in left.values()]

    with Database() as fresh:
        fresh.migrate(history)
        for leaves, schema in [*reversed(steps), *steps]:
            fresh.migrate(history, *leaves)

            assert without_leftovers(fresh.schema()) == without_leftovers(schema)


def test_the_way_forward_keeps_the_values(lived):
    _, left = lived
    _, _, values = left["move type"]

    assert [
        [text and text.replace(ZIP, "zip") for text in row[:3]] for row in values
    ] == [
        [
            "(Fitzroy,zip)",
            '{"(Carlton,zip)",NULL,"(,zip)"}',
            '(home,"(Coburg,zip)","{""(Preston,zip)""}")',
        ],
        [None, None, None],
        ["(,zip)", "{}", "(,,)"],
    ]


def test_the_way_back_keeps_the_values():
    history = History()
    with Database() as database:
        for step in ("create", "add", "rename", "alter", "remove", "rename type"):
            history.evolve(*LIFE[step])
            database.migrate(history)
            if step == "create":
                start = history.leaves
                database.run(SEED)

        database.migrate(history, *start)

        assert database.run(VALUES) == [
            (
                "(Fitzroy,)",
                '{"(Carlton,)",NULL,"(,)"}',
                '(home,"(Coburg,)","{""(Preston,)""}")',
                False,
            ),
            (None, None, None, True),
            ("(,)", "{}", "(,,)", False),
        ]


def test_backfill_can_be_skipped():
    history = History()
    add = AddAttribute("Address", "zip", text(default="3000"), backfill=False)
    migration = Migration("0002_add", "geo")
    migration.operations, migration.dependencies = [add], [("shop", "0001_initial")]
    with Database() as database:
        history.evolve(
            composite("geo.Address", "x_address", no=whole()),
            model("shop.Person", home=CompositeTypeField("geo.Address", null=True)),
        )
        database.migrate(history)
        database.run("INSERT INTO shop_person (home) VALUES ('(7)')")
        migration.dependencies.append(("geo", "0001_initial"))
        history.add("geo", migration)

        database.migrate(history)

        assert database.run("SELECT home::text FROM shop_person") == [("(7,)",)]
