"""Objects that are saved one by one: no more is asked and written than needed."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from django.db import connections
from django.db.models.signals import post_save
from django.test.utils import CaptureQueriesContext

from loaddata_stdin import load
from loaddata_stdin.exceptions import ObjectValueError

from .test_errors import MEI, both, lines, one
from .testapp.models import Author, Cafe, Cell, Everything, Key, Post, Tag

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])


@pytest.fixture(autouse=True)
def saved():
    """Have the models saved one by one; return what receivers were told of."""
    told = []

    def receive(instance, created, **kwargs):
        told.append((type(instance).__name__, created))

    for model in (Author, Everything, Post):
        post_save.connect(receive, sender=model)
    yield told
    for model in (Author, Everything, Post):
        post_save.disconnect(receive, sender=model)


def asked(using, *objects):
    """Load; return the first words of what was asked, and the report."""
    with CaptureQueriesContext(connections[using]) as queries:
        report = load(lines(*objects), using=using)
    return Counter(str(query["sql"]).split()[0] for query in queries), report


def authors(first, last):
    return [one("author", pk, name=f"a{pk}") for pk in range(first, last)]


@both
def test_a_new_object_costs_a_look_and_an_insert(using, saved):
    few, _ = asked(using, *authors(1, 2))
    many, report = asked(using, *authors(2, 12))

    assert many - few == {"SELECT": 9, "INSERT": 9}
    assert saved == [("Author", True)] * 11
    assert report.models["testapp.author"].created == 10


@both
def test_an_object_whose_row_is_as_it_says_costs_a_look(using, saved):
    load(lines(*authors(1, 12)), using=using)
    saved.clear()

    few, _ = asked(using, *authors(1, 2))
    many, report = asked(using, *authors(2, 12))

    assert (many - few, saved) == ({"SELECT": 9}, [])
    assert report.models["testapp.author"].unchanged == 10


@both
def test_a_list_of_a_many_to_many_field_is_not_written_again(using):
    Tag.objects.using(using).bulk_create([Tag(pk=n, kind=n, name="a") for n in (1, 2)])
    post = one("post", 3, title="a", author=1, tags=[2, 1])
    load(lines(MEI, post), using=using)

    words, report = asked(using, MEI, post)
    assert not {"INSERT", "UPDATE", "DELETE"} & {*words}
    assert report.models["testapp.post"].unchanged == 1

    _, report = asked(using, MEI, one("post", 3, title="a", author=1, tags=[1]))
    assert report.models["testapp.post"].updated == 1
    assert [tag.pk for tag in Post.objects.using(using).get().tags.all()] == [1]


@pytest.mark.parametrize(
    ("before", "after"), [([1], [True]), ({"a": 1}, {"a": 1.0}), ([0], [False])]
)
def test_numbers_and_truth_values_in_json_are_told_apart(before, after):
    for data in (before, after):
        load(lines(one("everything", 1, binary="", big=1, text="", json=data)))

    assert json.dumps(Everything.objects.get().json) == json.dumps(after)


@pytest.mark.parametrize("objects", [[], authors(1, 3)], ids=["first", "later"])
def test_a_key_that_no_column_holds_is_refused(objects):
    with pytest.raises(
        ObjectValueError, match=r"testapp\.author pk=\d+\).* (out of range|too large)"
    ):
        load(lines(*objects, one("author", 2**70, name="Mei")))


@both
def test_rows_whose_keys_are_no_numbers_or_those_of_parents_are_found(using):
    def receive(**kwargs):
        """Keep the objects out of bulk."""

    for model in (Cafe, Cell, Key):
        post_save.connect(receive, sender=model)
    objects = [
        one("place", 1, name="Corner"),
        one("cafe", 1, seats=2),
        one("key", "a'b%s", of=None),
        one("cell", [1, 2], value="x"),
    ]
    try:
        for _ in range(2):
            report = load(lines(*objects), using=using)
    finally:
        for model in (Cafe, Cell, Key):
            post_save.disconnect(receive, sender=model)

    counts = {label: count.unchanged for label, count in report.models.items()}
    assert counts == dict.fromkeys(counts, 1)
    assert len(counts) == 4
