"""Columns that change from one composite type to another."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.migrations.questioner import MigrationQuestioner

from postgres_composite_types import CompositeTypeField, CompositeValue
from tests.histories import Database, History, composite, model

pytestmark = pytest.mark.django_db


def text(length=50, **options):
    return models.CharField(max_length=length, **options)


def whole(**options):
    return models.IntegerField(**options)


SPOT = composite("geo.Spot", "x_spot", x=whole(), y=whole())
POINT = composite("geo.Point", "x_point", y=models.BigIntegerField(), x=text(9))
# The attributes have other places, types and defaults than those of the same name.
ADDRESS = composite(
    "geo.Address",
    "x_address",
    street=text(),
    no=whole(),
    spot=CompositeTypeField("geo.Spot"),
)
PLACE = composite(
    "geo.Place",
    "x_place",
    no=text(7),
    spot=CompositeTypeField("geo.Point"),
    zip=text(9, default="30'00%s"),
    street=models.TextField(),
    note=text(null=True),
)
TYPES = [SPOT, POINT, ADDRESS, PLACE]


def person(name, **options):
    def column(**options):
        return CompositeTypeField(name, **options)

    return model(
        "shop.Person",
        home=column(null=True, **options),
        more=ArrayField(column(), null=True),
        deep=ArrayField(ArrayField(column()), null=True, db_index=True),
        indexes=[
            models.Index("home__street", name="by_street"),
            models.Index(fields=["home"], name="by_home"),
        ],
        constraints=[
            models.CheckConstraint(condition=~models.Q(home__street="x"), name="no_x")
        ],
    )


@contextmanager
def there_and_back(database, history, query, *declared):
    """Change the models; afterwards look at a replay, and at what the way back leaves.

    Yields what `makemigrations` found.
    """
    start, rows, schema = history.leaves, database.run(query), database.schema()
    found = history.evolve(*declared)
    database.migrate(history)
    yield found
    with Database() as fresh:
        fresh.migrate(history)
        assert fresh.schema() == database.schema()
    database.migrate(history, *start)
    assert database.run(query) == rows
    assert database.schema() == schema


# A value, NULL and a value of NULLs, by themselves, in an array and in arrays of arrays.
FILL = """
    INSERT INTO shop_person (home, more, deep)
    SELECT a, ARRAY[a, NULL], ARRAY[[a], [NULL::x_address]]
    FROM (VALUES (ROW('1 Smith St', 7, ROW(1, 2))::x_address), (NULL),
                 (ROW(NULL, NULL, NULL)::x_address)) AS v (a)
"""


def test_values_go_from_one_type_to_another_by_the_names_of_members():
    history = History()
    history.evolve(*TYPES, person("geo.Address"))
    all_of_it = "SELECT home::text, more::text, deep::text FROM shop_person ORDER BY id"
    with Database() as database:
        database.migrate(history)
        database.run(FILL)

        change = (*TYPES, person("geo.Place"))
        with there_and_back(database, history, all_of_it, *change) as found:
            assert found == [
                f"shop: Alter field {name} on person"
                for name in ("deep", "home", "more")
            ]
            rows = database.run(
                "SELECT home::text, more[1] = home, more[2] IS NULL,"
                " deep = ARRAY[[home], [NULL::x_place]] FROM shop_person ORDER BY id"
            )

    assert rows == [
        ('(7,"(2,1)",30\'00%s,"1 Smith St",)', True, True, True),
        (None, None, True, True),
        ("(,,30'00%s,,)", True, True, True),
    ]


def test_a_database_default_changes_with_its_column():
    history = History()
    with Database() as database:
        for name in ("geo.Address", "geo.Place"):
            history.evolve(
                *TYPES,
                model(
                    "shop.Person",
                    home=CompositeTypeField(
                        name,
                        db_default=models.Value(
                            {"street": name}, CompositeTypeField(name)
                        ),
                    ),
                ),
            )
            database.migrate(history)
            database.run("INSERT INTO shop_person (id) VALUES (DEFAULT)")

        assert database.run("SELECT (home).street FROM shop_person ORDER BY id") == [
            ("geo.Address",),
            ("geo.Place",),
        ]


def outer(name):
    return composite(
        "geo.Outer",
        "x_outer",
        one=CompositeTypeField(name),
        many=ArrayField(CompositeTypeField(name), null=True),
    )


def test_a_member_goes_from_one_type_to_another():
    user = model(
        "shop.Person", outers=ArrayField(CompositeTypeField("geo.Outer"), null=True)
    )
    history = History()
    history.evolve(*TYPES, outer("geo.Address"), user)
    with Database() as database:
        database.migrate(history)
        value = (
            "ROW(ROW('1 Smith St', 7, ROW(1, 2)), ARRAY[NULL, '(,8,)']::x_address[])"
        )
        database.run(
            f"INSERT INTO shop_person (outers) VALUES (ARRAY[{value}::x_outer, NULL])"
        )

        query = "SELECT outers::text FROM shop_person"
        change = (*TYPES, outer("geo.Place"), user)
        with there_and_back(database, history, query, *change) as found:
            rows = database.run(
                "SELECT (o.one).zip, ((o.one).spot).x, (o.many[2]).no,"
                " o.many[1] IS NULL FROM shop_person, LATERAL (SELECT outers[1].*) o"
            )

    assert found == [
        "geo: Alter attribute one of Outer",
        "geo: Alter attribute many of Outer",
    ]
    assert rows == [("30'00%s", "1", "8", True)]


def test_a_column_that_becomes_required_fills_its_nulls_with_the_default():
    history = History()
    with Database() as database:
        history.evolve(
            *TYPES, model("shop.Person", home=CompositeTypeField("geo.Spot", null=True))
        )
        database.migrate(history)
        database.run("INSERT INTO shop_person (home) VALUES (NULL), ('(3,4)')")
        history.evolve(
            *TYPES,
            model(
                "shop.Person",
                home=CompositeTypeField("geo.Spot", default={"x": 1, "y": 2}),
            ),
        )

        database.migrate(history)

        assert database.run("SELECT home::text FROM shop_person ORDER BY id") == [
            ("(1,2)",),
            ("(3,4)",),
        ]


def test_a_type_that_takes_the_place_of_another_takes_its_values():
    history, unsure = History(), MigrationQuestioner()
    with Database() as living, Database() as fresh:
        history.evolve(SPOT, POINT, ADDRESS, person("geo.Address"))
        start = history.leaves
        living.migrate(history)
        schema = living.schema()
        living.run(
            "INSERT INTO shop_person (home) VALUES (ROW('a', 7, ROW(1, 2))::x_address)"
        )
        found = history.evolve(SPOT, POINT, PLACE, person("geo.Place"), answers=unsure)
        assert found == [
            "geo: Create composite type Place",
            "geo: Delete composite type Address",
            *(
                f"shop: Alter field {name} on person"
                for name in ("deep", "home", "more")
            ),
        ]

        living.migrate(history)

        home = '(7,"(2,1)",30\'00%s,a,)'
        assert living.run("SELECT home::text FROM shop_person") == [(home,)]
        fresh.migrate(history)
        assert fresh.schema() == living.schema()
        living.migrate(history, *start)
        assert living.run("SELECT home::text FROM shop_person") == [('(a,7,"(1,2)")',)]
        assert living.schema() == schema


def test_a_column_may_change_everything_at_once():
    history = History()
    with Database() as database:
        history.evolve(
            *TYPES, model("shop.Person", home=CompositeTypeField("geo.Spot", null=True))
        )
        database.migrate(history)
        start, schema = history.leaves, database.schema()
        database.run("INSERT INTO shop_person (home) VALUES ('(1,2)'), (NULL)")
        new = CompositeTypeField(
            "geo.Point",
            default={"y": 5},
            unique=True,
            db_column="Point",
            db_comment="where",
        )
        history.evolve(*TYPES, model("shop.Person", home=new))

        database.migrate(history)

        found = database.run('SELECT "Point"::text FROM shop_person ORDER BY id')
        assert found == [("(2,1)",), ("(5,)",)]
        database.migrate(history, *start)
        assert database.run("SELECT home::text FROM shop_person ORDER BY id") == [
            ("(1,2)",),
            ("(,5)",),
        ]
        assert database.schema() == schema


def test_a_new_member_fills_the_values_that_exist_with_a_value():
    def trip(**members):
        return composite("geo.Trip", "x_trip", no=whole(), **members)

    user = model(
        "shop.Person", trips=ArrayField(CompositeTypeField("geo.Trip"), null=True)
    )
    history = History()
    with Database() as living:
        history.evolve(SPOT, trip(), user)
        living.migrate(history)
        start, schema = history.leaves, living.schema()
        living.run(
            "INSERT INTO shop_person (trips) VALUES (ARRAY[ROW(7)::x_trip]), (NULL)"
        )
        spots = ArrayField(
            CompositeTypeField("geo.Spot"),
            default=[CompositeValue("geo.Spot", {"y": 2})],
        )
        spot = CompositeTypeField(
            "geo.Spot", default=CompositeValue("geo.Spot", {"x": 1})
        )
        history.evolve(SPOT, trip(spot=spot, spots=spots), user)

        living.migrate(history)

        filled = '{"(7,\\"(1,)\\",\\"{\\"\\"(,2)\\"\\"}\\")"}'
        assert living.run("SELECT trips::text FROM shop_person ORDER BY id") == [
            (filled,),
            (None,),
        ]
        living.migrate(history, *start)
        assert living.schema() == schema
