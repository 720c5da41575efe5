from __future__ import annotations

import re

import pytest

from loaddata_stdin.exceptions import (
    ManyObjectsError,
    ObjectIntegrityError,
    ObjectValueError,
)
from loaddata_stdin.load import Options, load

from .test_load import one, stream
from .testapp.models import Author, Cell, Item, Post

pytestmark = [
    pytest.mark.django_db(databases=["default", "sqlite"]),
    pytest.mark.parametrize("using", ["default", "sqlite"]),
]


def loaded(objects, using, **options):
    return load(stream(objects), options=Options(using=using, **options))


def names(using):
    return {a.pk: a.name for a in Author.objects.using(using).order_by("pk")}


def tags(using, pk=1):
    return sorted(
        Post.objects.using(using).get(pk=pk).tags.values_list("pk", flat=True)
    )


BLOG = [
    one("author", 1, name="Mei"),
    one("tag", 1, kind=1, name="x"),
    one("tag", 2, kind=1, name="y"),
    one("post", 1, title="a", author=1, tags=[1]),
]


def test_ignoring_leaves_a_row_and_its_relations_alone(using):
    loaded(BLOG, using)

    report = loaded(
        [
            one("author", 1, name="Zoë"),
            one("author", 2, name="Ümit"),
            one("post", 1, title="b", author=2, tags=[2]),
            one("post", 2, title="c", author=["Zoë"], tags=[2]),
        ],
        using,
        on_conflict="ignore",
    )

    assert names(using) == {1: "Mei", 2: "Ümit"}
    assert (Post.objects.using(using).get(pk=1).title, tags(using)) == ("a", [1])
    assert (Post.objects.using(using).get(pk=2).author_id, tags(using, 2)) == (1, [2])
    counts = report.models["testapp.post"]
    assert (counts.created, counts.updated, counts.ignored) == (1, 0, 1)


def test_ignoring_takes_the_first_of_two_objects(using):
    loaded(
        [one("author", 1, name="first"), one("author", 1, name="second")],
        using,
        on_conflict="ignore",
    )

    assert names(using) == {1: "first"}


def test_an_object_without_a_key_conflicts_by_its_natural_key(using):
    loaded(BLOG, using)

    report = loaded([one("author", None, name="Mei")], using, on_conflict="ignore")

    assert report.models["testapp.author"].ignored == 1
    with pytest.raises(ObjectIntegrityError, match=r"object 1 .* is there already"):
        loaded([one("author", None, name="Mei")], using, on_conflict="error")


def test_an_error_names_the_first_row_that_is_there(using):
    loaded(BLOG, using)

    with pytest.raises(
        ObjectIntegrityError,
        match=r"line 1, column \d+, object 2 \(testapp.author pk=1\): the row is there",
    ):
        loaded(
            [one("author", 7, name="x"), one("author", 1, name="y")],
            using,
            on_conflict="error",
        )
    assert names(using) == {1: "Mei"}


def test_an_error_names_both_of_two_objects(using):
    with pytest.raises(ObjectIntegrityError, match=r"object 3 .*object 1 .* same key"):
        loaded(
            [
                one("author", 1, name="x"),
                one("author", 2, name="z"),
                one("author", 1, name="y"),
            ],
            using,
            on_conflict="error",
        )


def test_a_patch_writes_only_what_is_listed(using):
    loaded([one("item", 1, text="t", whole=5, slug="s", price="1.50")], using)
    loaded(BLOG, using)

    report = loaded(
        [
            one("item", 1, whole=6),
            one("item", 2, whole=7),
            one("post", 1, tags=[2, [1, "x"]]),
        ],
        using,
        is_patch=True,
    )

    first, second = Item.objects.using(using).order_by("pk")
    assert (first.text, first.whole, first.slug, str(first.price)) == (
        "t",
        6,
        "s",
        "1.50",
    )
    assert (second.text, second.whole) == ("plain", 7)
    assert (Post.objects.using(using).get().title, tags(using)) == ("a", [1, 2])
    counts = report.models["testapp.item"]
    assert (counts.created, counts.updated, counts.unchanged) == (1, 1, 0)
    assert report.models["testapp.post"].updated == 1


def test_patches_of_one_row_are_made_in_their_order(using):
    loaded([one("item", 1, text="t", whole=5, slug="s", big=1)], using)

    loaded(
        [
            one("item", 1, whole=6, big=2),
            one("item", 1, slug="u", whole=8),
            one("item", 1, big=3),
            one("item", 9, whole=1),
            one("item", 9, slug="n"),
        ],
        using,
        is_patch=True,
    )

    rows = Item.objects.using(using).order_by("pk")
    assert list(rows.values_list("text", "whole", "slug", "big")) == [
        ("t", 8, "u", 3),
        ("plain", 1, "n", 7),
    ]


def test_a_patch_of_a_row_that_lacks_a_required_field_says_so(using):
    with pytest.raises(
        ObjectIntegrityError, match="field author: there is no such row"
    ):
        loaded([one("post", 1, title="x")], using, is_patch=True)


def test_a_patch_keeps_references_by_natural_key(using):
    loaded([*BLOG, one("author", 2, name="Zoë")], using)

    loaded(
        [one("post", 1, author=["Zoë"]), one("post", 1, title="b")],
        using,
        is_patch=True,
    )

    post = Post.objects.using(using).get()
    assert (post.title, post.author_id) == ("b", 2)


def test_a_key_of_two_columns_can_be_patched_and_ignored(using):
    loaded([one("cell", [1, 2], row=1, column=2, value="x")], using)

    loaded([one("cell", [1, 2])], using, is_patch=True)
    loaded(
        [one("cell", [1, 2], row=1, column=2, value="y")], using, on_conflict="ignore"
    )

    assert Cell.objects.using(using).get().value == "x"


def test_rows_are_validated_as_forms_do(using):
    with pytest.raises(
        ObjectValueError,
        match=r"line 1, .*, object 2 \(testapp.author pk=2\), field name: This field",
    ):
        loaded(
            [one("author", 1, name="Mei"), one("author", 2, name="")],
            using,
            is_validated=True,
        )
    assert names(using) == {}
    loaded([one("author", 1, name="Mei")], using, is_validated=True)
    assert names(using) == {1: "Mei"}


def test_nothing_is_left_of_a_dry_run(using):
    report = loaded(BLOG, using, is_dry_run=True)

    assert report.is_dry_run
    assert report.models["testapp.author"].created == 1
    assert names(using) == {}


def test_differences_name_what_a_field_lists_and_no_longer(using):
    loaded(BLOG, using)
    said = []

    loaded([one("post", 1, title="a", author=1, tags=[2])], using, differ=said.append)

    assert said == ["~ testapp.post pk=1, tags: +2", "~ testapp.post pk=1, tags: -1"]


def test_validation_asks_the_database_of_the_load(using):
    other = "sqlite" if using == "default" else "default"
    Author.objects.using(other).create(pk=7, name="Mei")

    loaded([one("author", 1, name="Mei")], using, is_validated=True)

    assert names(using) == {1: "Mei"}


def test_problems_of_every_mode_are_collected_in_the_order_of_the_stream(using):
    loaded([*BLOG, one("place", 7, name="p"), one("place", 8, name="p")], using)

    with pytest.raises(ManyObjectsError) as caught:
        loaded(
            [
                one("author", 5, name="Mei"),
                one("place", 1, name="p"),
                one("post", 9, title="t", author=5),
                one("author", 6, name=None),
                one("tag", 3, kind=1, name="z"),
                one("tag", 3, kind=1, name="zz"),
                one("post", 1, title="t", author=5),
                one("post", 2, title="", author=5),
            ],
            using,
            keys={"testapp.author": ["name"], "testapp.place": ["name"]},
            on_conflict="error",
            is_validated=True,
            deletes_missing=True,
            most_errors=20,
        )

    lines = caught.value.errors
    firsts = [
        int(re.search(r"object (\d+) ", line)[1]) for line in lines if "object " in line
    ]
    assert firsts == sorted(set(firsts))
    assert {1, 2, 4, 6, 7} <= set(firsts)
