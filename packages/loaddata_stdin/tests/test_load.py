from __future__ import annotations

import io
import json

import pytest
from django.core.management import call_command
from django.core.management.commands import loaddata as django_loaddata
from django.db import connections, transaction
from django.db.models import AutoField

from loaddata_stdin.load import Options, load

from .pgapp.models import Box
from .testapp.models import Author, Book, Cafe, Cell, Item, Key, Node, Place, Post, Tag

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])
EVERYTHING = [
    *(Author, Book, Cafe, Cell, Item, Key, Node, Place, Post, Post.tags.through, Tag)
]


def one(model, pk=None, /, **fields):
    return {"model": f"testapp.{model}", "pk": pk, "fields": fields}


def stream(objects):
    return io.BytesIO(json.dumps(objects).encode())


def contents(using, models=EVERYTHING):
    """Return every row of every table; keys between tables may differ."""
    rows = {}
    for model in models:
        names = [field.attname for field in model._meta.concrete_fields]
        if model._meta.auto_created:
            names.remove("id")
        query = model._base_manager.using(using).order_by(*names).values_list(*names)
        rows[model.__name__] = [
            tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
            for row in query
        ]
    return rows


def restart_keys(using, models, start):
    """Let the keys that the database allots begin at the same number."""
    with connections[using].cursor() as cursor:
        for model in models:
            table, key = model._meta.db_table, model._meta.pk
            if not isinstance(key, AutoField):
                continue
            if using == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                insert = "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)"
                cursor.execute(insert, [table, start - 1])
            else:
                sequence = f'"{table}_{key.column}_seq"'
                cursor.execute(f"ALTER SEQUENCE {sequence} RESTART WITH {start}")


def after(using, models, action):
    """Return the contents after an action that is undone."""
    with transaction.atomic(using=using):
        restart_keys(using, models, 2000)
        action()
        found = contents(using, models)
        transaction.set_rollback(True, using=using)
    return found


def assert_as_django(tmp_path, using, objects, models=EVERYTHING, before=()):
    file = tmp_path / "objects.json"
    file.write_text(json.dumps(objects))

    def of_django():
        call_command(django_loaddata.Command(), str(file), database=using, verbosity=0)

    def ours():
        load(stream(objects), options=Options(using=using))

    with transaction.atomic(using=using):
        restart_keys(using, models, 1000)
        if before:
            load(stream(before), options=Options(using=using))
        theirs = after(using, models, of_django)
        assert any(theirs.values())
        assert after(using, models, ours) == theirs
        transaction.set_rollback(True, using=using)


ITEM = {
    "text": "tab\there, back\\slash,\nline \\N and \u2603",
    "slug": "a-slug",
    "url": "https://example.org/?a=b",
    "whole": -5,
    "big": 2**62,
    "flag": False,
    "ratio": 1e-7,
    "price": "19.90",
    "day": "2026-03-01",
    "hour": "23:59:01.5",
    "moment": "2026-03-01T12:00:00.123+02:00",
    "made": "2001-01-01T00:00:00Z",
    "changed": "2001-01-01T00:00:00Z",
    "took": "3 04:05:06.7",
    "code": "4f0a1c2e-0000-4000-8000-00000000000a",
    "raw": "AAEC/w==",
    "data": {"a": [1, 1.0, None, "\t\\"], "b": "\u2603"},
    "address": "2001:db8::1",
    "file": "a/b.txt",
}
CODE = ITEM["code"]
REQUIRED = {"text", "slug", "url", "big", "flag", "code"}
ALL = [
    pytest.param([one("item", 1, **ITEM)], id="every kind of field"),
    pytest.param([one("item", 1, code=CODE)], id="defaults of what is absent"),
    pytest.param(
        [one("item", 1, code=CODE, **dict.fromkeys(ITEM.keys() - REQUIRED))],
        id="nulls",
    ),
    pytest.param(
        [
            one("item", "7", code=CODE, whole="12", flag="True", ratio="1.5"),
            one("item", 8, code=CODE, text=12, price=3, moment="2026-03-01T00:00:00Z"),
        ],
        id="values of other types",
    ),
    pytest.param(
        [
            one("item", 1, code=CODE, text="first", whole=3),
            one("item", 1, code=CODE, text="second"),
        ],
        id="the last of two wins",
    ),
    pytest.param(
        [
            one("author", 3, name="Mei"),
            one("tag", 4, kind=1, name="x"),
            one("tag", 6, kind=2, name="y"),
            one("tag", 5, kind=2, name="z"),
            one("post", 1, title="a", author=["Mei"], tags=[[1, "x"], ["2", "y"], 5]),
        ],
        id="references",
    ),
    pytest.param(
        [one("place", 1, name="Bar"), one("cafe", 1, seats=9)],
        id="parents and children",
    ),
    pytest.param(
        [one("cell", [1, 2], row=1, column=2, value="x")],
        id="a primary key of two columns",
    ),
]


@pytest.mark.parametrize("using", ["default", "sqlite"])
@pytest.mark.parametrize("objects", ALL)
def test_tables_are_as_after_the_command_of_django(tmp_path, using, objects):
    assert_as_django(tmp_path, using, objects)


@pytest.mark.parametrize("using", ["default", "sqlite"])
def test_rows_that_are_there_are_updated_as_django_does(tmp_path, using):
    assert_as_django(
        tmp_path,
        using,
        [
            one("item", 1, code=ITEM["code"], text="new"),
            one("author", 1, name="Mei"),
            one("author", None, name="Zoë"),
            one("tag", 1, kind=1, name="x"),
            one("post", 1, title="b", author=["Mei"], tags=[1, [2, "y"]]),
            one("post", 2, title="b", author=["Mei"], tags=[]),
        ],
        before=[
            one("item", 1, **ITEM),
            one("item", 2, **ITEM),
            one("author", 1, name="Ümit"),
            one("author", 8, name="Zoë"),
            one("tag", 1, kind=1, name="w"),
            one("tag", 2, kind=2, name="y"),
            one("tag", 3, kind=2, name="z"),
            one("post", 1, title="a", author=8, tags=[1, 3]),
            one("post", 2, title="a", author=8, tags=[1, 3]),
        ],
    )


@pytest.mark.parametrize("using", ["default", "sqlite"])
def test_objects_without_a_key_are_told_by_their_natural_key(using):
    load(
        stream(
            [
                one("author", 5, name="Ümit"),
                one("author", None, name="Mei"),
                one("author", None, name="Ümit"),
                one("author", None, name="Mei"),
                one("key", "k", of="Mei"),
                one("key", "l", of=["Ümit"]),
            ]
        ),
        options=Options(using=using),
    )

    authors = Author.objects.using(using).order_by("name")
    assert [author.name for author in authors] == ["Mei", "Ümit"]
    assert authors[1].pk == 5
    assert {k.code: k.of_id for k in Key.objects.using(using)} == {
        "k": "Mei",
        "l": "Ümit",
    }


def test_columns_of_postgresql_are_as_after_the_command_of_django(tmp_path):
    box = {
        "numbers": "[1, 2]",
        "words": '[["a", "b\\"\\\\"], [null, ""]]',
        "during": '{"lower": "2026-01-01", "upper": null, "bounds": "[)"}',
        "size": 3,
        "doubled": 99,
    }
    assert_as_django(
        tmp_path,
        "default",
        [
            {"model": "pgapp.box", "pk": 1, "fields": box},
            {"model": "pgapp.box", "pk": 2, "fields": {}},
            {"model": "pgapp.box", "pk": 3, "fields": {"numbers": [1, 2], "words": []}},
        ],
        [Box],
    )


@pytest.mark.parametrize("using", ["default", "sqlite"])
def test_an_unchanged_row_is_not_written(using):
    objects = [one("item", 1, **ITEM), one("item", 2, **ITEM)]
    first = load(stream(objects), options=Options(using=using))

    again = load(stream(objects), options=Options(using=using))

    counts = again.models["testapp.item"]
    assert first.models["testapp.item"].created == 2
    assert (counts.created, counts.updated, counts.unchanged) == (0, 0, 2)


@pytest.mark.parametrize("using", ["default", "sqlite"])
def test_a_ring_of_required_references_is_loaded(using):
    names = [f"n{number}" for number in range(7)]
    load(
        stream(
            [
                one("node", None, name=n, next=[names[i - 1]])
                for i, n in enumerate(names)
            ]
        ),
        options=Options(using=using),
    )

    nodes = Node.objects.using(using).select_related("next").order_by("pk")
    assert [(node.name, node.next.name) for node in nodes] == [
        (n, names[i - 1]) for i, n in enumerate(names)
    ]


def test_the_number_of_queries_does_not_depend_on_that_of_objects(
    django_assert_num_queries, django_assert_max_num_queries
):
    def objects(count):
        return [one("author", n, name=f"a{n}") for n in range(1, count)] + [
            one("post", n, title="t", author=[f"a{n}"], tags=[])
            for n in range(1, count)
        ]

    load(stream(objects(2)))  # There are rows to compare with, then.
    with django_assert_max_num_queries(60) as few:
        load(stream(objects(3)))
    with django_assert_num_queries(len(few)):
        load(stream(objects(900)))
    assert connections["default"].in_atomic_block


def test_a_new_key_is_none_that_another_object_has():
    restart_keys("default", [Book], 1)

    load(stream([one("book", 1, title="a"), one("book", None, title="b")]))

    assert dict(Book.objects.values_list("pk", "title")) == {1: "a", 2: "b"}
