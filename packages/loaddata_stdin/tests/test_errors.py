"""What is wrong with objects: each in one line, with its place and fields."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connections
from django.db.models.signals import post_save

from loaddata_stdin import Options, load
from loaddata_stdin.exceptions import (
    LoaddataStdinError,
    ObjectIntegrityError,
    ObjectValueError,
)

from .testapp.models import Author, Book, Mention, Post, Stock, Tag

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])
both = pytest.mark.parametrize("using", ["default", "sqlite"])


def one(model, pk=None, /, **fields):
    return {"model": f"testapp.{model}", "pk": pk, "fields": fields}


def lines(*objects):
    return "".join(json.dumps(each) + "\n" for each in objects).encode()


def refusal(using, *objects, **options):
    with pytest.raises(LoaddataStdinError) as caught:
        load(lines(*objects), options=Options(using=using, **options))
    assert not Author.objects.using(using).exists()
    return caught.value


MEI = one("author", 1, name="Mei")
ERRORS = [
    pytest.param(
        one("author", 2, name="Mei"),
        "(testapp.author pk=2), field name: ",
        id="unique",
    ),
    pytest.param(
        one("tag", 2, kind=1, name="x"),
        "(testapp.tag pk=2), fields kind, name: ",
        id="unique together",
    ),
    pytest.param(
        one("stock", 2, name="x", count=-1, price=1),
        "(testapp.stock pk=2), field count: ",
        id="check of a field",
    ),
    pytest.param(
        one("stock", 2, name="x", count=1, price=-1),
        "(testapp.stock pk=2), field price: ",
        id="check",
    ),
    pytest.param(
        one("post", 2, title="x", author=None),
        "(testapp.post pk=2), field author: ",
        id="not null",
    ),
]


@both
@pytest.mark.parametrize(("bad", "message"), ERRORS)
def test_a_constraint_names_object_and_fields(using, way, bad, message):
    error = refusal(using, MEI, one("tag", 1, kind=1, name="x"), bad)

    assert isinstance(error, ObjectIntegrityError)
    assert str(error).startswith(f"line 3, column 1, object 3 {message}")
    assert not {"psycopg", "INSERT", "UPDATE", "\n", "Failing row"} & {
        *str(error).split(" ")
    }
    assert error.__cause__ is not None


@both
def test_a_constraint_says_what_the_model_says_of_it(using, way):
    error = refusal(using, one("stock", 1, name="x", count=1, price=-1))

    assert "(A price is never negative.)" in str(error)


@both
def test_two_objects_that_do_not_go_together_are_both_named(using):
    error = refusal(
        using, MEI, one("author", 3, name="Zoë"), one("author", 2, name="Mei")
    )

    assert str(error).startswith("line 3, column 1, object 3 (testapp.author pk=2)")
    assert str(error).endswith(
        "; line 1, column 1, object 1 (testapp.author pk=1) has it, too"
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"title": "x" * 101},
            "field title: value too long for type character varying",
        ),
        ({"title": "x", "author": 2**64}, "field author: value "),
    ],
)
def test_what_a_column_does_not_take_names_the_field(fields, message):
    error = refusal("default", one("book", 7, title="a"), one("book", 8, **fields))

    assert isinstance(error, ObjectValueError)
    assert str(error).startswith(
        f"line 2, column 1, object 2 (testapp.book pk=8), {message}"
    )
    assert "COPY" not in str(error)


@both
def test_a_reference_to_nothing_names_the_field_and_the_key(using):
    error = refusal(using, one("book", 1, title="a", author=77))

    assert str(error) == (
        "line 1, column 1, object 1 (testapp.book pk=1), field author:"
        " no testapp.author has the key 77."
    )


@both
def test_a_many_to_many_field_that_lists_nothing_names_the_field_and_the_key(using):
    error = refusal(using, MEI, one("post", 1, title="a", author=1, tags=[5]))

    assert str(error) == (
        "line 2, column 1, object 2 (testapp.post pk=1), field tags:"
        " no testapp.tag has the key 5."
    )


def test_what_a_trigger_says_is_said_of_the_object():
    with connections["default"].cursor() as cursor:
        cursor.execute(TRIGGER)

    error = refusal("default", MEI, one("author", 2, name="raise"))

    assert str(error) == (
        "line 2, column 1, object 2 (testapp.author pk=2): the trigger refuses raise"
    )


TRIGGER = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.name LIKE '%raise%' THEN
    RAISE EXCEPTION 'the trigger refuses %', NEW.name USING DETAIL = 'more';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON testapp_author
FOR EACH ROW EXECUTE FUNCTION refuse();
"""


def test_the_original_error_is_its_cause(loaddata):
    with pytest.raises(ObjectIntegrityError) as caught:
        loaddata(lines(MEI, one("author", 2, name="Mei")))

    assert "duplicate key" in str(caught.value.__cause__)


@both
def test_swapped_values_go_in_the_order_of_the_stream(using):
    options = Options(using=using)
    load(lines(MEI, one("author", 2, name="Zoë")), options=options)

    load(
        lines(one("author", 2, name="Ümit"), one("author", 1, name="Zoë")),
        options=options,
    )

    names = Author.objects.using(using).order_by("pk").values_list("name", flat=True)
    assert [*names] == ["Zoë", "Ümit"]
    assert not Book.objects.using(using).exists()
    assert not Tag.objects.using(using).exists()
    assert not Stock.objects.using(using).exists()


def slot(pk, **fields):
    return {"model": "pgapp.slot", "pk": pk, "fields": fields}


def test_a_deferred_constraint_names_object_and_field():
    error = refusal("default", slot(1, start=1), slot(2, start=2), slot(3, start=1))

    assert str(error).startswith(
        "line 1, column 1, object 1 (pgapp.slot pk=1), field start: duplicate key value"
    )


def test_a_deferred_constraint_names_both_objects_of_a_collection():
    error = refusal("default", slot(1, start=1), slot(3, start=1), most_errors=5)

    assert [line[:46] for line in error.errors] == [
        "line 1, column 1, object 1 (pgapp.slot pk=1), ",
        "line 2, column 1, object 2 (pgapp.slot pk=3), ",
    ]


def test_values_may_be_swapped_where_the_constraint_is_deferred():
    load(lines(slot(1, start=1), slot(2, start=2)))

    load(lines(slot(1, start=2), slot(2, start=1)))


def test_an_exclusion_constraint_names_object_and_field():
    march = '{"lower": "2026-03-01", "upper": "2026-04-01", "bounds": "[)"}'

    error = refusal(
        "default", slot(1, start=1, during=march), slot(2, start=2, during=march)
    )

    assert str(error).startswith(
        "line 2, column 1, object 2 (pgapp.slot pk=2), field during: conflicting key"
    )


@both
@pytest.mark.parametrize("most_errors", [1, 9])
def test_numbers_that_no_column_takes_name_their_objects(using, most_errors):
    objects = [one("item", n, whole=1, code="0" * 32) for n in range(1, 30)]
    objects[16]["fields"]["whole"] = objects[22]["fields"]["whole"] = 2**70
    objects += [
        one("tag", 1, kind=1, name="x"),
        MEI,
        one("post", 1, title="a", author=1, tags=[1, 2**70]),
    ]

    error = refusal(using, *objects, most_errors=most_errors)

    numbers = re.findall(r"object (\d+) ", str(error))
    assert numbers == ["17", "23", "32"][: 1 if most_errors == 1 else 3]
    assert most_errors == 1 or "field tags: " in error.errors[2]


@both
@pytest.mark.parametrize("most_errors", [1, 9])
def test_a_natural_key_that_cannot_be_looked_up_names_the_field(using, most_errors):
    error = refusal(
        using,
        one("book", 1, title="a", author=["x", "y"]),
        one("post", 1, title="a", author=1, tags=[["x", "y"]]),
        most_errors=most_errors,
    )

    assert "object 1 (testapp.book pk=1), field author: " in str(error)
    assert most_errors == 1 or "object 2 (testapp.post pk=1), field tags: " in str(
        error
    )


@both
def test_an_object_that_is_refused_leaves_nothing_in_many_to_many_tables(using):
    error = refusal(
        using,
        one("post", 1, title="a", author=99, tags=[98]),
        one("everything", 1, big=1, authors=[1, "x"]),
        most_errors=9,
    )

    assert len(error.errors) == 2


@both
def test_an_empty_stream_is_one_line(using):
    with pytest.raises(LoaddataStdinError) as caught:
        load(b"", using=using)

    assert caught.value.errors == ["no objects; send a fixture."]


@pytest.fixture(params=["in bulk", "one by one"])
def way(request):
    """Have the models of these tests saved in either way."""
    models = (Book, Mention, Post) if request.param == "one by one" else ()

    def receive(**kwargs):
        """Keep the objects out of bulk."""

    for model in models:
        post_save.connect(receive, sender=model)
    yield request.param
    for model in models:
        post_save.disconnect(receive, sender=model)


@both
def test_a_reference_without_a_constraint_may_lead_nowhere(using, way):
    mention = one("mention", 1, author=99, tags=[98])

    load(lines(mention), using=using)

    assert Mention.objects.using(using).get().author_id == 99


@both
def test_a_reference_without_a_constraint_is_not_blamed(using, way):
    mention = one("mention", 1, author=99, tags=[98])
    error = refusal(using, mention, one("book", 2, title="a", author=77))

    assert re.search(
        r"testapp\.book pk=2\)?, field author: no testapp\.author has the key 77\.$",
        str(error),
    )


@both
def test_a_row_of_a_many_to_many_field_names_its_object(using, way):
    error = refusal(using, MEI, one("post", 3, title="a", author=1, tags=[5]))

    assert re.search(
        r"testapp\.post pk=3\)?, field tags: no testapp\.tag has the key 5\.$",
        str(error),
    )
