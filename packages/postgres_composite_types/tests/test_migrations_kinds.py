"""Columns that become something else than a composite type, or are to."""

from __future__ import annotations

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models

from postgres_composite_types import CompositeTypeField
from postgres_composite_types.exceptions import ColumnTypeError
from tests.histories import Database, History, composite, model

pytestmark = pytest.mark.django_db

TYPES = [
    composite("geo.Spot", "x_spot", x=models.IntegerField(), y=models.IntegerField()),
    composite("geo.Point", "x_point", y=models.BigIntegerField()),
    composite("geo.Odd", "x_odd", y=CompositeTypeField("geo.Spot")),
]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        pytest.param(
            lambda: models.JSONField(null=True),
            lambda: CompositeTypeField("geo.Spot", null=True),
            "shop.Person.home: a JSONField cannot become a geo.Spot; add another field,"
            " copy the values by RunPython, then remove the old one.",
            id="json to composite",
        ),
        pytest.param(
            lambda: CompositeTypeField("geo.Spot", null=True),
            lambda: ArrayField(CompositeTypeField("geo.Spot"), null=True),
            "shop.Person.home: a geo.Spot cannot become an array of geo.Spot; add another"
            " field, copy the values by RunPython, then remove the old one.",
            id="composite to array",
        ),
        pytest.param(
            lambda: CompositeTypeField("geo.Point", null=True),
            lambda: CompositeTypeField("geo.Odd", null=True),
            "geo.Odd.y: a BigIntegerField cannot become a geo.Spot; add another field,"
            " copy the values by RunPython, then remove the old one.",
            id="member to composite",
        ),
    ],
)
def test_a_change_that_no_cast_makes_is_refused_in_one_line(old, new, line):
    history = History()
    with Database() as database:
        history.evolve(*TYPES, model("shop.Person", home=old()))
        database.migrate(history)
        history.evolve(*TYPES, model("shop.Person", home=new()))

        with pytest.raises(ColumnTypeError) as raised:
            database.migrate(history)

        assert str(raised.value) == line


def test_text_becomes_a_value_and_text_again():
    history = History()
    with Database() as database:
        history.evolve(*TYPES, model("shop.Person", home=models.TextField(null=True)))
        database.migrate(history)
        start = history.leaves
        database.run("INSERT INTO shop_person (home) VALUES ('(1,2)'), (NULL)")
        history.evolve(
            *TYPES, model("shop.Person", home=CompositeTypeField("geo.Spot", null=True))
        )

        database.migrate(history)

        assert database.run("SELECT (home).y FROM shop_person ORDER BY id") == [
            (2,),
            (None,),
        ]
        database.migrate(history, *start)
        assert database.run("SELECT home FROM shop_person ORDER BY id") == [
            ("(1,2)",),
            (None,),
        ]
