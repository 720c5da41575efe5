"""--diff: what its lines show of values that are long, alike, or move a cursor."""

from __future__ import annotations

import json

import pytest

from .test_load import one
from .testapp.models import Book, Key

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        pytest.param(
            "a" * 70 + " bd",
            "a" * 70 + " cd",
            "...'aaaaaaaaa bd' -> ...'aaaaaaaaa cd'",
            id="long",
        ),
        pytest.param("a  b", "a b", "'a  b' -> 'a b'", id="spaces"),
        pytest.param("a\nb", "a b", r"'a\nb' -> 'a b'", id="a line end"),
        pytest.param("a", "a\n", r"'a' -> 'a\n'", id="an end"),
        pytest.param("a\x1b[2J", "b", r"a\x1b[2J -> b", id="a terminal's code"),
    ],
)
def test_values_that_look_alike_are_told_apart(loaddata, before, after, shown):
    Book.objects.create(pk=1, title=before)

    output = loaddata(json.dumps([one("book", 1, title=after)]), diff=True)

    assert f"~ testapp.book pk=1\n    title: {shown}\n" in output


def test_a_key_forges_no_line(loaddata):
    output = loaddata(json.dumps([one("key", "a\n- b pk=1")]), diff=True)

    assert "+ testapp.key pk=a - b pk=1\n" in output
    assert Key.objects.exists()
