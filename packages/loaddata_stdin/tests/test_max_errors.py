"""--max-errors: many objects are looked at, and none is written."""

from __future__ import annotations

import re

import pytest
from django.db import connections

from loaddata_stdin import Options, load
from loaddata_stdin.exceptions import LoaddataStdinError, ManyObjectsError

from .test_errors import both, lines, one, refusal

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])

BAD = [
    one("book", 1, title="a", price="many"),
    one("author", 1, name="Mei"),
    one("author", 2, name="Mei"),
    one("shoe", 1),
    one("author", 3, shoe=1),
    one("book", 2, title="a", author=77),
    one("book", 3, title="a", author=["Nobody"]),
    one("book", 4, title="a", author=1),
    one("stock", 1, name="x", count=-1, price=1),
    one("post", 1, title="x", author=1, tags=[9, [1, "z"]]),
]


@both
def test_errors_are_collected_in_the_order_of_the_stream(using, way):
    error = refusal(using, *BAD, most_errors=100)

    assert isinstance(error, ManyObjectsError)
    numbers = [*map(int, re.findall(r"(?m)^line .*?, object (\d+) ", str(error)))]
    if way == "bulk":
        assert numbers == [1, 3, 4, 5, 6, 7, 9, 10]
    else:
        # Of a reference by primary key the database tells at the end.
        assert numbers == [1, 3, 4, 5, 7, 9, 10]
        assert error.errors[-1] == (
            "testapp.book pk=2, field author: no testapp.author has the key 77."
        )
    assert str(error).splitlines() == [
        *error.errors,
        "8 errors; nothing was written.",
    ]


@both
def test_no_more_errors_are_collected_than_asked_for(using):
    error = refusal(using, *BAD, most_errors=2)

    assert len(error.errors) == 2


@both
def test_one_error_of_a_collection_is_a_list_of_one(using):
    error = refusal(using, one("author", 3, shoe=1), most_errors=2)

    assert str(error).endswith("\n1 error; nothing was written.")


@both
def test_an_error_of_syntax_ends_the_list(using):
    with pytest.raises(ManyObjectsError) as caught:
        load(
            lines(one("author", 3, shoe=1)) + b"[x",
            options=Options(using=using, most_errors=9),
        )

    assert [line.split(",")[0] for line in caught.value.errors] == ["line 1", "line 2"]


@both
def test_a_hundred_bad_objects_of_many_take_few_statements(
    using, django_assert_max_num_queries
):
    objects = [one("author", n, name=f"a{n}") for n in range(1, 5001)]
    for bad in objects[49::50]:
        bad["fields"]["name"] = "a1"

    with django_assert_max_num_queries(10_000, connection=connections[using]):
        error = refusal(using, *objects, most_errors=1000)

    assert len(error.errors) == 100


def test_the_command_prints_a_line_for_each(loaddata, capsys):
    with pytest.raises(ManyObjectsError) as caught:
        loaddata(lines(*BAD), "-", "--max-errors", "5")

    assert all(line.startswith("stdin: line ") for line in caught.value.errors)


@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_a_number_of_errors_must_be_one(loaddata, number):
    with pytest.raises(LoaddataStdinError.__base__, match="is no number of errors"):
        loaddata("[]", "-", "--max-errors", number)
