"""Models with a receiver, whose objects are saved one by one."""

from __future__ import annotations

import pytest
from django.db.models.signals import post_save

from loaddata_stdin.exceptions import (
    LoaddataStdinError,
    ManyObjectsError,
    ObjectIntegrityError,
    ObjectValueError,
)

from .test_load import ITEM, one
from .test_modes import loaded
from .testapp.models import Author, Item, Loud, Post

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


def test_the_rest_of_what_is_listed_comes_with_a_later_object(using):
    loaded(
        [
            one("author", 1, name="Mei"),
            one("tag", 1, kind=1, name="x"),
            one("post", 1, title="t", author=1, tags=[[1, "x"], [1, "y"]]),
            one("item", 1),
            one("tag", 2, kind=1, name="y"),
        ],
        using,
    )

    assert sorted(t.pk for t in Post.objects.using(using).get().tags.all()) == [1, 2]


def test_what_is_listed_counts_as_a_change(using):
    blog = [
        one("author", 1, name="Mei"),
        one("tag", 1, kind=1, name="x"),
        one("tag", 2, kind=1, name="y"),
        one("post", 1, title="t", author=1, tags=[1]),
    ]
    loaded(blog, using)
    said = []

    def receive(sender, **kwargs):
        pass

    post_save.connect(receive, sender=Post)
    try:
        same = loaded(blog, using).of("testapp.post")
        blog[3]["fields"]["tags"] = [[1, "y"], [1, "z"]]
        later = one("tag", 3, kind=1, name="z")
        report = loaded([*blog, later], using, differ=said.append)
    finally:
        post_save.disconnect(receive, sender=Post)

    changed = report.of("testapp.post")
    assert (same.updated, same.unchanged) == (0, 1)
    assert (changed.updated, changed.unchanged) == (1, 0)
    assert set(said) == {
        "+ testapp.tag pk=3",
        "~ testapp.post pk=1, tags: +2",
        "~ testapp.post pk=1, tags: +3",
        "~ testapp.post pk=1, tags: -1",
    }


def test_a_patch_of_no_row_says_which_field_it_lacks(using):
    def receive(sender, **kwargs):
        pass

    post_save.connect(receive, sender=Post)
    try:
        with pytest.raises(
            ObjectIntegrityError,
            match=r"object 1 .*, field author: there is no such row to patch, and a new",
        ):
            loaded([one("post", 1, title="t")], using, is_patch=True)
    finally:
        post_save.disconnect(receive, sender=Post)


# Loud has a natural key that only its manager knows: without a primary key it is saved
# by itself, and after it all of its kind.
LOUD = [one("loud", None, name="a"), one("loud", 1, name="b"), one("loud", 1, name="c")]


def test_of_a_model_that_is_saved_in_both_ways_the_first_counts(using):
    loaded([one("loud", 7, name="a")], using)

    report = loaded(LOUD, using, on_conflict="ignore")

    names = dict(Loud.objects.using(using).values_list("pk", "name"))
    assert names == {7: "A", 1: "B"}
    counts = report.of("testapp.loud")
    assert (counts.ignored, counts.created, counts.repeated) == (1, 1, 1)


def test_of_a_model_that_is_saved_in_both_ways_both_places_are_named(using):
    objects = [one("loud", 1, name="b"), one("loud", None, name="a"), LOUD[2]]

    with pytest.raises(ObjectIntegrityError, match=r"object 3 .*object 1 .*same key"):
        loaded(objects, using, on_conflict="error")


def test_an_error_in_the_first_object_of_a_model_hides_no_other(using):
    with pytest.raises(ManyObjectsError) as caught:
        loaded(
            [one("item", 1, whole="x"), one("item", 2), one("item", 3, whole="y")],
            using,
            on_conflict="ignore",
            most_errors=9,
        )

    assert len(caught.value.errors) == 2
