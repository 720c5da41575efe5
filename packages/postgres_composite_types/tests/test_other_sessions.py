"""What another session does to a type while a process runs that knows the old one."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connections, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from postgres_composite_types.exceptions import ChangedTypeError, MissingMemberError

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


STATEMENTS = {
    "create": lambda drawings: drawings.create(shape=RED),
    "create in an array": lambda drawings: drawings.create(shapes=[RED]),
    "bulk_create": lambda drawings: drawings.bulk_create(
        [Drawing(shape=RED), Drawing(box=Box(RED))]
    ),
    "update": lambda drawings: drawings.update(shape=RED),
    "update a member": lambda drawings: drawings.update(shape__colour="green"),
    "filter": lambda drawings: drawings.filter(shape=RED).exists(),
    "filter by a member": lambda drawings: drawings.filter(
        shape__colour="green"
    ).exists(),
    "sort by a member": lambda drawings: drawings.order_by("shape__colour").first(),
}


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("sql", [DROP, RENAME], ids=["drop", "rename"])
def test_a_statement_that_was_run_before_raises_as_a_new_one_does(alias, sql, name):
    drawings = Drawing.objects.using(alias)
    STATEMENTS[name](drawings)
    STATEMENTS[name](drawings)
    before = drawings.count()

    in_another_session(alias, sql)

    for _ in range(2):  # The connection can be used as before.
        with pytest.raises(ProgrammingError, match="colour"):
            STATEMENTS[name](drawings)
    assert drawings.count() == before


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_that_was_run_before_finds_a_type_that_was_recreated(alias, name):
    drawings = Drawing.objects.using(alias)
    STATEMENTS[name](drawings)

    in_another_session(alias, RECREATE)

    STATEMENTS[name](drawings)


def test_statements_of_other_tables_stay_prepared(alias):
    if not (connection := connections[alias]).settings_dict["OPTIONS"]:
        pytest.skip("nothing is prepared on this connection")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM auth_group WHERE id = %s", [1])
        cursor.execute("SELECT id FROM testapp_drawing WHERE id = %s", [1])
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        statements = [row[0] for row in cursor.fetchall()]

    assert any("auth_group" in each for each in statements)
    assert not any("testapp_drawing" in each for each in statements)


COMPARED = {
    "distinct": lambda drawings: drawings.values_list("shape", "shapes").distinct(),
    "sorted": lambda drawings: (
        drawings.order_by("shape", "id").values_list("shape", "shapes").distinct()
    ),
    "grouped": lambda drawings: drawings.values_list("shape", "shapes").annotate(
        Count("id")
    ),
    "united": lambda drawings: (
        drawings.values_list("shape", "shapes")
        .union(drawings.values_list("shape", "shapes"))
        .order_by("shape")
    ),
    "first of each": lambda drawings: (
        drawings.order_by("shape").distinct("shape").values_list("shape", "shapes")
    ),
}


@pytest.mark.parametrize("name", COMPARED)
@pytest.mark.parametrize("sql", [ADD + ";" + FILL, REORDER], ids=["fill", "reorder"])
def test_values_that_are_compared_come_with_their_names(alias, sql, name):
    def migrate_afterwards(execute, *arguments):
        result = execute(*arguments)
        in_another_session(alias, sql)
        return result

    rows = COMPARED[name](Drawing.objects.using(alias))
    with connections[alias].execute_wrapper(migrate_afterwards):
        [(shape, shapes, *_)] = rows

    assert (shape, shapes) == (RED, [BLUE])


def test_compared_values_keep_the_order_that_was_asked_for(alias):
    drawings = Drawing.objects.using(alias)
    drawings.bulk_create([Drawing(shape=Shape(f"{n:03}", "x")) for n in range(300)])

    kinds = [
        shape.kind
        for shape in drawings.filter(shape__colour="x")
        .order_by("-shape__kind")
        .values_list("shape", flat=True)
        .distinct()[10:200]
    ]

    assert kinds == [f"{n:03}" for n in range(289, 99, -1)]


def test_a_raw_result_of_a_type_that_changed_meanwhile_is_refused(alias):
    def migrate_afterwards(execute, sql, *arguments):
        result = execute(sql, *arguments)
        if "testapp_drawing" in sql:
            in_another_session(alias, ADD)
        return result

    rows = Drawing.objects.using(alias).raw("SELECT * FROM testapp_drawing")
    with (
        connections[alias].execute_wrapper(migrate_afterwards),
        pytest.raises(ChangedTypeError, match=r"x_shape.* changed while .* read"),
    ):
        list(rows)


def test_no_statement_looks_at_the_catalog(alias):
    manager = Drawing.objects.using(alias)

    with CaptureQueriesContext(connections[alias]) as queries:
        found = manager.get()
        assert [rows(manager).count() for rows in COMPARED.values()] == [1] * 5
        assert manager.values_list("shape", flat=True).distinct().get() == RED
        assert found.shape == RED
        manager.create(shape=RED, shapes=[BLUE])
        manager.bulk_create([Drawing(shape=BLUE), Drawing(shapes=[RED])])
        manager.update(shape__colour="green")

    assert not [q for q in queries if "pg_" in q["sql"]]
