"""What another session does to a type while a process runs that knows the old one."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connections, transaction
from django.test.utils import CaptureQueriesContext

from postgres_composite_types.exceptions import MissingMemberError

from .testapp.models import Box, Drawing, Shape

ADD = "ALTER TYPE x_shape ADD ATTRIBUTE size numeric"
FILL = """
    UPDATE testapp_drawing SET shape.size = 1.50, shapes[1].size = 2.50,
        box.shape.size = 3.50, box.shapes[1].size = 1e25
"""
REORDER = """
    ALTER TYPE x_shape RENAME ATTRIBUTE kind TO other;
    ALTER TYPE x_shape RENAME ATTRIBUTE colour TO kind;
    ALTER TYPE x_shape RENAME ATTRIBUTE other TO colour;
    UPDATE testapp_drawing SET shape = ((shape).kind, (shape).colour)::x_shape,
        shapes = ARRAY[((shapes[1]).kind, (shapes[1]).colour)::x_shape],
        box.shape = ((box).shape.kind, (box).shape.colour)::x_shape,
        box.shapes = NULL
"""
RECREATE = """
    ALTER TYPE x_shape RENAME TO x_shape_old;
    CREATE TYPE x_shape AS (colour varchar(20), size int, kind varchar(20));
    ALTER TABLE testapp_drawing
        ALTER shape TYPE x_shape USING row((shape).colour, NULL, (shape).kind)::x_shape,
        ALTER shapes TYPE x_shape[] USING
            ARRAY[row((shapes[1]).colour, NULL, (shapes[1]).kind)::x_shape];
    ALTER TYPE x_box DROP ATTRIBUTE shape, DROP ATTRIBUTE shapes,
        ADD ATTRIBUTE shapes x_shape[], ADD ATTRIBUTE shape x_shape;
    DROP TYPE x_shape_old
"""
DROP = "ALTER TYPE x_shape DROP ATTRIBUTE colour"
RENAME = "ALTER TYPE x_shape RENAME ATTRIBUTE colour TO color"

RED, BLUE = Shape("square", "red"), Shape("circle", "blue")


@pytest.fixture(params=["default", "other"], ids=["plain", "prepared"])
def alias(request, django_db_setup, django_db_blocker):
    """Name a database with one row, written and read before; restore its types.

    Nothing else is written, so the flush of all tables that `transaction=True` brings
    would only cost time.
    """
    with django_db_blocker.unblock():
        yield from written(request.param)
        connections[request.param].close()


def written(alias):
    manager = Drawing.objects.using(alias)
    for _ in range(2):
        manager.create(shape=RED, box=Box(RED, [BLUE]), shapes=[BLUE])
        assert manager.first().shape.kind == "square"
        manager.first().delete()
    manager.create(shape=RED, box=Box(RED, [BLUE]), shapes=[BLUE])
    yield alias
    in_another_session(
        alias,
        """
        TRUNCATE testapp_drawing;
        ALTER TABLE testapp_drawing DROP shape, DROP box, DROP shapes;
        DROP TYPE x_box; DROP TYPE x_shape;
        CREATE TYPE x_shape AS (kind varchar(20), colour varchar(20));
        CREATE TYPE x_box AS (shape x_shape, shapes x_shape[]);
        ALTER TABLE testapp_drawing ADD shape x_shape, ADD box x_box, ADD shapes x_shape[]
        """,
    )


def in_another_session(alias, sql):
    session = connections[alias].copy()
    session.settings_dict = {**session.settings_dict, "OPTIONS": {}}
    try:
        with session.cursor() as cursor:
            cursor.execute(sql)
    finally:
        session.close()


@pytest.mark.parametrize(
    "sql", [ADD, ADD + ";" + FILL, REORDER, RECREATE], ids=["add", "fill", "reorder", "recreate"]
)  # fmt: skip
def test_a_running_process_notices_nothing(alias, sql):
    manager = Drawing.objects.using(alias)
    in_another_session(alias, sql)

    found = manager.get()
    assert (found.shape, found.shapes) == (RED, [BLUE])
    if sql not in {REORDER, RECREATE}:
        assert found.box == Box(RED, [BLUE])
    found.shape.colour = "green"
    found.save()
    manager.create(shape=RED, box=Box(RED, [BLUE]), shapes=[BLUE, None])
    manager.bulk_create([Drawing(shape=BLUE), Drawing(shapes=[RED])])

    assert manager.get(pk=found.pk).shape == Shape("square", "green")
    assert (
        manager.filter(shape__colour="red", box__shapes__any__colour="blue").count()
        == 1
    )
    [*_, third, fourth] = manager.raw("SELECT * FROM testapp_drawing ORDER BY id")
    assert (third.shape, fourth.shapes) == (BLUE, [RED])


@pytest.mark.parametrize("is_touched", [False, True], ids=["untouched", "touched"])
@pytest.mark.parametrize("is_raw", [False, True], ids=["orm", "raw"])
def test_members_that_the_class_does_not_know_are_kept(alias, is_touched, is_raw):
    manager = Drawing.objects.using(alias)
    in_another_session(alias, ADD)
    in_another_session(alias, FILL)

    [found] = manager.raw("SELECT * FROM testapp_drawing") if is_raw else manager.all()
    if is_touched:
        found.shape.colour = found.shapes[0].colour = "green"
        found.box.shape.colour = found.box.shapes[0].colour = "green"
    found.save()

    with connections[alias].cursor() as cursor:
        cursor.execute(
            """SELECT (shape).size::text, (shapes[1]).size::text, (box).shape.size::text,
                (box).shapes[1].size::text, (box).shapes[1].colour FROM testapp_drawing"""
        )
        colour = "green" if is_touched else "blue"
        big = "10000000000000000000000000"
        assert cursor.fetchall() == [("1.50", "2.50", "3.50", big, colour)]


@pytest.mark.parametrize("sql", [DROP, RENAME], ids=["drop", "rename"])
def test_a_lost_member_raises_when_it_is_read_or_written(alias, sql):
    manager = Drawing.objects.using(alias)
    before = manager.get()
    in_another_session(alias, sql)

    found = manager.get()

    assert found.shape.kind == found.box.shape.kind == "square"
    assert found.shapes[0].kind == "circle"
    for value in (found.shape, found.box.shape, found.shapes[0], found.box.shapes[0]):
        with pytest.raises(MissingMemberError, match="'colour'"):
            _ = value.colour
    for write in (
        before.save,
        found.save,
        lambda: manager.create(shape=RED),
        lambda: manager.create(box=Box(RED)),
        lambda: manager.create(shapes=[RED]),
        lambda: manager.create(box=Box(shapes=[RED])),
        lambda: manager.bulk_create([Drawing(shape=RED), Drawing()]),
        lambda: manager.bulk_create([Drawing(shapes=[RED]), Drawing()]),
        lambda: manager.update(shape=RED),
        lambda: manager.update(box__shape=RED),
        lambda: manager.update(shape__colour="green"),
        lambda: manager.filter(shape=RED).count(),
    ):
        with (
            pytest.raises((ProgrammingError, MissingMemberError), match="colour"),
            transaction.atomic(using=alias),
        ):
            write()
    assert manager.filter(shape__kind="square").update(shape__kind="oval") == 1


def test_no_statement_looks_at_the_catalog(alias):
    manager = Drawing.objects.using(alias)

    with CaptureQueriesContext(connections[alias]) as queries:
        found = manager.get()
        assert found.shape == RED
        manager.create(shape=RED, shapes=[BLUE])
        manager.bulk_create([Drawing(shape=BLUE), Drawing(shapes=[RED])])
        manager.update(shape__colour="green")

    assert not [q for q in queries if "pg_" in q["sql"]]
