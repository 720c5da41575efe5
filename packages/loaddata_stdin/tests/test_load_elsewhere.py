"""Databases that are not written to in bulk, and what SQLite makes of values."""

from __future__ import annotations

import json

import pytest
from django.db import connections

from loaddata_stdin import Options, load

from .test_load import ITEM, one
from .testapp.models import Author, Cell, Item, Post, Tag

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])
OBJECTS = [
    one("author", 1, name="Mei"),
    one("tag", 1, kind=1, name="x"),
    one("post", 1, title="a", author=["Mei"], tags=[[1, "x"]]),
]


def send(objects, using="sqlite"):
    content = "\n".join(map(json.dumps, objects)).encode()
    return load(content, options=Options(using=using))


def test_an_old_sqlite_is_written_to_in_the_way_of_django(monkeypatch):
    """Django 5.2 takes 3.31, which knows no UPDATE ... FROM."""
    database = connections["sqlite"].Database
    monkeypatch.setattr(database, "sqlite_version_info", (3, 34, 1))

    report = send(OBJECTS)

    reason = "SQLite before 3.35 is written to in Django's way"
    assert set(report.slow.values()) == {reason}
    assert (
        Post.objects.using("sqlite").get().tags.get()
        == Tag.objects.using("sqlite").get()
    )


def test_another_database_is_written_to_in_the_way_of_django(monkeypatch):
    """Its vendor is all that the decision asks for."""
    monkeypatch.setattr(type(connections["sqlite"]), "vendor", "other")
    monkeypatch.setattr(type(connections["sqlite"]), "display_name", "Other")

    report = send(OBJECTS)

    assert set(report.slow.values()) == {"Other is written to in Django's way"}
    assert Post.objects.using("sqlite").get().author.name == "Mei"


def test_columns_of_sqlite_hold_what_django_puts_there():
    Item.objects.using("sqlite").create(
        **{k: Item._meta.get_field(k).to_python(v) for k, v in ITEM.items()} | {"pk": 1}
    )
    with connections["sqlite"].cursor() as cursor:
        rows = "SELECT *, typeof(price), typeof(flag) FROM testapp_item WHERE id = %s"
        cursor.execute(rows, [1])
        [expected] = cursor.fetchall()

        send([one("item", 2, **ITEM)])

        cursor.execute(rows, [2])
        [found] = cursor.fetchall()
        names = [column[0] for column in cursor.description]
    # These are the moment of the saving to Django, and the fixture's here.
    moving = {"id", "made", "changed"}
    assert [v for n, v in zip(names, found, strict=True) if n not in moving] == [
        v for n, v in zip(names, expected, strict=True) if n not in moving
    ]


def test_more_objects_than_a_statement_takes_parameters():
    send([one("author", n, name=f"a{n}") for n in range(1, 2001)])
    objects = [one("post", n, title="t", author=[f"a{n}"]) for n in range(1, 2001)]

    send(objects)

    assert Post.objects.using("sqlite").count() == 2000


def test_keys_go_on_after_those_that_have_been_deleted():
    send([one("author", 50, name="a")])
    Author.objects.using("sqlite").all().delete()

    send([one("author", None, name="b")])

    assert Author.objects.using("sqlite").get().pk == 51


def test_a_table_without_row_numbers_is_written_to():
    with connections["sqlite"].cursor() as cursor:
        cursor.execute("DROP TABLE testapp_cell")
        cursor.execute(
            'CREATE TABLE testapp_cell ("row" integer, "column" integer, value text,'
            ' PRIMARY KEY ("row", "column")) WITHOUT ROWID'
        )

    send([one("cell", [1, 2], row=1, column=2, value="x")] * 2)

    assert Cell.objects.using("sqlite").get().value == "x"
