"""Models with a receiver, whose objects are saved one by one."""

from __future__ import annotations

import pytest
from django.db.models.signals import post_save

from loaddata_stdin.exceptions import (
    LoaddataStdinError,
    ObjectIntegrityError,
    ObjectValueError,
)

from .test_load import ITEM, one
from .test_modes import loaded
from .testapp.models import Author, Item

pytestmark = [
    pytest.mark.django_db(databases=["default", "sqlite"]),
    pytest.mark.parametrize("using", ["default", "sqlite"]),
]


@pytest.fixture(autouse=True)
def saved():
    """Return the texts of the items that a receiver has seen."""
    seen = []

    def receive(sender, instance, **kwargs):
        seen.append(instance.text)

    post_save.connect(receive, sender=Item)
    yield seen
    post_save.disconnect(receive, sender=Item)


def rows(using):
    query = Item.objects.using(using).order_by("pk")
    return list(query.values_list("pk", "text", "whole"))


def test_the_counts_tell_created_from_updated_and_unchanged(using):
    objects = [one("item", 1, text="a", whole=1, code="4f0a1c2e" * 4)]
    first = loaded(objects, using).of("testapp.item")
    again = loaded(objects, using).of("testapp.item")
    changed = loaded(
        [one("item", 1, text="b", whole=1, code="4f0a1c2e" * 4)], using
    ).of("testapp.item")

    assert (first.created, first.updated, first.unchanged, first.saved) == (1, 0, 0, 1)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    assert (changed.created, changed.updated, changed.unchanged) == (0, 1, 0)


def test_a_row_that_is_there_is_ignored_and_its_receiver_not_called(using, saved):
    loaded([one("item", 1, text="a")], using)

    report = loaded(
        [
            one("item", 1, text="b"),
            one("item", 2, text="first"),
            one("item", 2, text="second"),
        ],
        using,
        on_conflict="ignore",
    )

    assert rows(using) == [(1, "a", None), (2, "first", None)]
    assert saved == ["a", "first"]
    assert report.of("testapp.item").ignored == 1


def test_a_conflict_is_refused(using):
    loaded([one("item", 1, text="a")], using)

    with pytest.raises(ObjectIntegrityError, match=r"object 1 .* is there already"):
        loaded([one("item", 1, text="b")], using, on_conflict="error")
    with pytest.raises(ObjectIntegrityError, match=r"object 2 .*object 1 .*same key"):
        loaded(
            [one("item", 2, text="b"), one("item", 2, text="c")],
            using,
            on_conflict="error",
        )


def test_a_patch_writes_only_what_is_listed(using):
    loaded([one("item", 1, text="a", whole=1)], using)

    loaded([one("item", 1, whole=2), one("item", 3, whole=4)], using, is_patch=True)

    assert rows(using) == [(1, "a", 2), (3, "plain", 4)]


def test_what_is_written_in_bulk_is_there_for_what_is_saved(using):
    def receive(sender, instance, **kwargs):
        found.append(Author.objects.using(using).count())

    found = []
    post_save.connect(receive, sender=Item)
    try:
        loaded(
            [one("author", 1, name="Mei"), one("item", 1), one("author", 1, name="x")],
            using,
            on_conflict="ignore",
        )
    finally:
        post_save.disconnect(receive, sender=Item)

    assert found == [1]
    assert Author.objects.using(using).get().name == "Mei"


def test_rows_that_the_stream_does_not_hold_are_deleted(using):
    loaded([one("item", n) for n in (1, 2, 3)], using)

    report = loaded([one("item", 2)], using, deletes_missing=True)

    assert rows(using) == [(2, "plain", None)]
    assert report.of("testapp.item").deleted == 2


def test_what_is_saved_is_validated(using):
    with pytest.raises(
        ObjectValueError, match=r"object 1 .*, field url: Enter a valid"
    ):
        loaded([one("item", 1, **{**ITEM, "url": "no"})], using, is_validated=True)


def test_differences_are_named(using):
    loaded([one("item", 1, **ITEM)], using)
    said = []

    loaded(
        [one("item", 1, **{**ITEM, "whole": 7}), one("item", 2, **ITEM)],
        using,
        differ=said.append,
    )

    assert said == [
        "~ testapp.item pk=1",
        "    whole: -5 -> 7",
        "+ testapp.item pk=2",
    ]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"text": "x"}, "field whole: not listed", id="absent"),
        pytest.param({"whole": None}, "field whole: it is null", id="null"),
        pytest.param({"whole": 3}, "more than one row has its whole", id="two rows"),
    ],
)
def test_what_tells_no_row_is_refused(using, fields, message):
    loaded([one("item", 7, whole=3), one("item", 8, whole=3)], using)

    with pytest.raises(LoaddataStdinError, match=rf"object 1 .*{message}"):
        loaded([one("item", 1, **fields)], using, keys={"testapp.item": ["whole"]})
