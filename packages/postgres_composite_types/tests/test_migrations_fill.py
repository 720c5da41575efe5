"""The last step of a new default: the values that other processes wrote without it."""

from __future__ import annotations

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.migrations import Migration

from postgres_composite_types import CompositeTypeField
from postgres_composite_types.exceptions import DefinitionError
from postgres_composite_types.operations import FillAttribute
from postgres_composite_types.schema.swap import fill_blocks
from tests.histories import Database, History, composite, model
from tests.stored import INNER, run, values

pytestmark = pytest.mark.django_db


def text(**options):
    return models.TextField(null=True, **options)


def column(name="Address"):
    return CompositeTypeField(f"geo.{name}", null=True)


def declared(default="3000"):
    options = {"default": default} if default else {}
    address = composite("geo.Address", "x_address", zip=text(**options), no=text())
    outer = composite("geo.Outer", "x_outer", inner=column())
    person = model(
        "shop.Person",
        home=column(),
        more=ArrayField(column(), null=True),
        outer=column("Outer"),
    )
    return address, outer, person


def prepared(database, default="3000", **options):
    """Return the history of a filled database, whose last step is yet to run."""
    history = History()
    history.evolve(*declared(default))
    database.migrate(history)
    fill = Migration("0002_fill", "geo")
    fill.operations = [FillAttribute("Address", "zip", **options)]
    fill.dependencies = [("geo", "0001_initial")]
    fill.atomic = False
    history.add("geo", fill)
    return history


ROWS = """
    INSERT INTO shop_person (home, more, "outer")
    SELECT ROW(NULL, n)::x_address, ARRAY[NULL, ROW(NULL, n)::x_address],
           ROW(ROW('mine', n))::x_outer
    FROM generate_series(1, 1000) n
    UNION ALL SELECT '(mine,)', NULL, '("(,1)")' UNION ALL SELECT NULL, NULL, NULL
"""
LEFT = """
    SELECT count(*) FROM shop_person WHERE (home).zip IS NULL AND home IS DISTINCT FROM NULL
    OR (more[2]).zip IS NULL AND more IS NOT NULL
    OR (("outer").inner).zip IS NULL AND "outer" IS DISTINCT FROM NULL
"""
VERSIONS = "SELECT id, xmin::text FROM shop_person"


def test_values_without_it_get_the_default_batch_by_batch():
    with Database() as database:
        history = prepared(database, batch_size=1)
        database.run(ROWS)
        before = dict(database.run(VERSIONS))

        database.migrate(history)

        assert database.run(LEFT) == [(0,)]
        after = dict(database.run(VERSIONS))
        # Each batch is a transaction, and NULL was not touched.
        assert len(set(after.values())) > 10
        assert [key for key in after if after[key] == before[key]] == [1002]
        last = 'SELECT home::text, more, "outer"::text FROM shop_person WHERE id = 1001'
        assert database.run(last) == [("(mine,)", None, '("(3000,1)")')]


def test_it_can_be_repeated_and_writes_only_what_is_left():
    with Database() as database:
        history = prepared(database)
        database.run(ROWS)
        database.migrate(history)
        before = database.run(VERSIONS)

        database.migrate(history, ("geo", "0001_initial"))
        database.migrate(history)
        assert database.run(VERSIONS) == before
        database.run("INSERT INTO shop_person (home) VALUES ('(,late)')")
        database.migrate(history, ("geo", "0001_initial"))
        database.migrate(history)

        assert database.run(LEFT) == [(0,)]
        assert database.run(VERSIONS)[: len(before)] == before


def test_a_writer_delays_one_batch_and_loses_nothing():
    with Database() as database:
        history = prepared(database)
        database.run(ROWS)
        database.run("SET lock_timeout = '10ms'")
        with (
            database.writer("UPDATE shop_person SET home.no = 'new' WHERE id = 1"),
            pytest.raises(Exception, match="lock timeout"),
        ):
            database.migrate(history)
        database.run("UPDATE shop_person SET home.no = 'new' WHERE id = 1")

        database.migrate(history)

        home = "SELECT home::text FROM shop_person WHERE id = 1"
        assert database.run(home) == [("(3000,new)",)]


def test_a_member_without_a_default_is_refused():
    with Database() as database:
        history = prepared(database, default=None)

        with pytest.raises(
            DefinitionError, match=r"^geo\.Address\.zip has no default to fill in\.$"
        ):
            database.migrate(history)


def test_blocks_of_a_partition_and_of_every_kind_of_column(stored):
    run(f"ALTER TYPE {INNER} ADD ATTRIBUTE k text")
    run(f"UPDATE stored SET x = '(1,a,mine)'::{INNER} WHERE id = 1")
    expression = "coalesce(($1).k, 'x')"

    for table in ("stored", "part"):
        run(fill_blocks(INNER, "k", expression, table, range(1)))

    assert [row[:2] for row in values()] == [
        ("(1,a,mine)", '{"(2,b,x)",NULL,"(,,x)"}'),
        ("(5,,x)", '{{"(1,a,x)",NULL},{"(2,b,x)","(,,x)"}}'),
        ("(6,,x)", None),
    ]
    assert run("SELECT x::text FROM parted ORDER BY 1") == [("(4,x,x)",), (None,)]
