"""The place of a value that is refused: that of its field, where it is known."""

from __future__ import annotations

import json

import pytest
from django.db.models.signals import post_save

from loaddata_stdin import LoaddataStdinError, Options, load
from loaddata_stdin.exceptions import ObjectIntegrityError, ObjectValueError

from .test_errors import lines, one
from .testapp.models import Book

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])

PLACES = [
    pytest.param(
        '[\n  {"model": "testapp.book", "pk": 7,\n   "fields": {"title": "a", "x": [{}],'
        '\n   "price": "many"}}]',
        (4, 13),
        id="json",
    ),
    pytest.param(
        '{"model": "testapp.book", "fields": {"title": "a}",  "price": "many"}}\n{}',
        (1, 63),
        id="jsonl",
    ),
    pytest.param(
        '{"fields": {"title": "a"}, "pk": "x", "model": "testapp.book"}',
        (1, 34),
        id="primary key",
    ),
    pytest.param(
        "\n- model: testapp.book\n  fields:\n    title: [a, {b: c}]\n    price: many\n- a",
        (5, 12),
        id="yaml",
    ),
    pytest.param(
        "model: testapp.book\nfields: {title: a, price: many}\n...\n",
        (2, 27),
        id="yaml in one line",
    ),
    pytest.param(
        "- &f {model: testapp.author, pk: 1, fields: {name: a}}\n"
        "- {model: testapp.book, pk: x, fields: {title: a}}\n",
        (2, 29),
        id="yaml primary key",
    ),
    pytest.param(
        "x: &f {title: a, price: many}\nmodel: testapp.book\nfields: *f",
        (1, 1),
        id="yaml alias",
    ),
    pytest.param(
        '<django-objects>\n <object model="testapp.book"><field name="price">x</field>'
        "</object></django-objects>",
        (2, 31),
        id="xml",
    ),
    pytest.param(
        '<django-objects><object model="testapp.author" pk="1"><field name="name">é'
        '</field>\n</object><object model="testapp.book">\n<field name="title">a</field>\n'
        ' é<field name="price">x</field></object><object model="testapp.book">'
        '<field name="price">1</field></object></django-objects>',
        (4, 3),
        id="xml with more around it",
    ),
    pytest.param(
        '<django-objects>\n <object model="testapp.author" pk="x">'
        '<field name="name">a</field></object></django-objects>',
        (2, 2),
        id="xml has no place of a primary key",
    ),
    pytest.param(
        '<django-objects>\n<object model="testapp.book">'
        f'<field name="title">{"a" * 200_000}</field>\n<field name="price">x</field>'
        "</object></django-objects>",
        (3, 1),
        id="xml of many chunks",
    ),
]


@pytest.mark.parametrize("env", [False, True])
@pytest.mark.parametrize(("text", "place"), PLACES)
def test_a_value_that_is_refused_has_the_place_of_its_field(loaddata, text, place, env):
    with pytest.raises(ObjectValueError) as caught:
        loaddata(text, "-", ignore=True, env=env)

    line, column = place
    assert str(caught.value).startswith(f"stdin: line {line}, column {column}, object ")


def test_a_value_of_the_environment_has_the_place_of_its_reference(
    loaddata, monkeypatch
):
    monkeypatch.setenv("PRICE", "many")

    with pytest.raises(ObjectValueError) as caught:
        loaddata("model: testapp.book\nfields:\n  price: ${PRICE}\n", env=True)

    assert str(caught.value) == (
        "stdin: line 3, column 10, object 1 (testapp.book), field price: '${PRICE}'"
        " gives a value that is no value of a DecimalField."
    )


def test_a_target_that_is_not_there_is_said_with_its_place(loaddata):
    post = {"title": "a", "author": 1, "tags": ["5"]}
    objects = [
        {"model": "testapp.author", "pk": 1, "fields": {"name": "Mei"}},
        {"model": "testapp.post", "pk": 1, "fields": post},
    ]

    with pytest.raises(ObjectIntegrityError) as caught:
        loaddata("\n".join(map(json.dumps, objects)))

    assert str(caught.value) == (
        "stdin: line 2, column 1, object 2 (testapp.post pk=1), field tags: no"
        " testapp.tag has the key 5."
    )


@pytest.mark.parametrize("using", ["default", "sqlite"])
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": "boom"}, "boom"),
        ({"title": "a", "shoe": 1}, "Book has no field named 'shoe'"),
    ],
)
def test_the_place_of_an_object_that_is_saved_by_itself_is_said_once(
    using, fields, message
):
    def receive(instance, **_):
        if instance.title == "boom":
            raise ValueError(instance.title)

    post_save.connect(receive, sender=Book)
    try:
        with pytest.raises(LoaddataStdinError) as caught:
            load(lines(one("book", 1, **fields)), options=Options(using=using))
    finally:
        post_save.disconnect(receive, sender=Book)

    place = "line 1, column 1, object 1 (testapp.book pk=1)"
    assert str(caught.value) == f"{place}: {message}"
