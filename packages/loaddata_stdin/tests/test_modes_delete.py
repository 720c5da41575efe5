"""--delete-missing: what goes, and what keeps it from going."""

from __future__ import annotations

import io

import pytest
from django.db.models.signals import post_init, post_save

from loaddata_stdin.exceptions import ManyObjectsError, ObjectIntegrityError
from loaddata_stdin.load import Options, load

from .test_load import one
from .test_modes import BLOG, loaded, names
from .testapp.models import Author, Cafe, Cell, Item, Node, Place, Post, Tag

pytestmark = [
    pytest.mark.django_db(databases=["default", "sqlite"]),
    pytest.mark.parametrize("using", ["default", "sqlite"]),
]


def test_rows_that_the_stream_does_not_hold_are_deleted(using):
    loaded(BLOG, using)
    loaded(
        [
            one("author", 2, name="gone"),
            one("post", 2, title="gone", author=2, tags=[1, 2]),
            one("item", 1),
        ],
        using,
    )
    said = []

    report = loaded(
        BLOG[:1] + BLOG[3:], using, deletes_missing=True, differ=said.append
    )

    assert names(using) == {1: "Mei"}
    assert Post.objects.using(using).get().pk == 1
    assert Item.objects.using(using).count() == 1
    assert Tag.objects.using(using).count() == 2
    assert report.models["testapp.post"].deleted == 1
    assert said == ["- testapp.post pk=2", "- testapp.author pk=2"]


def test_a_deletion_that_takes_others_along_is_refused(using):
    loaded(BLOG, using)

    with pytest.raises(
        ObjectIntegrityError,
        match=r"deleting testapp.author would .*: testapp.post pk=1; send them",
    ):
        loaded([one("author", 2, name="new")], using, deletes_missing=True)
    assert names(using) == {1: "Mei"}


def test_a_row_that_would_lose_its_reference_is_named(using):
    loaded([one("key", "k"), one("key", "l")], using)
    loaded(BLOG, using)
    loaded([one("key", "k", of="Mei")], using)

    with pytest.raises(ObjectIntegrityError, match="post pk=1, testapp"):
        loaded([one("author", 2, name="new")], using, deletes_missing=True)


def test_a_child_goes_without_its_parent(using):
    loaded(
        [one("place", 1, name="p"), one("cafe", 1), one("place", 2, name="q")], using
    )
    loaded([one("cafe", 2)], using)

    loaded([one("cafe", 2)], using, deletes_missing=True)

    assert [c.pk for c in Cafe.objects.using(using).all()] == [2]
    assert Place.objects.using(using).count() == 2


def test_what_is_missing_is_deleted_in_many_pieces(using):
    loaded([one("author", n, name=f"a{n}") for n in range(1, 1203)], using)

    report = loaded([one("author", 1202, name="x")], using, deletes_missing=True)

    assert names(using) == {1202: "x"}
    assert report.models["testapp.author"].deleted == 1201


def test_an_empty_stream_deletes_nothing(using):
    loaded(BLOG, using)

    load(
        io.BytesIO(b'{"count": 0}'), options=Options(using=using, deletes_missing=True)
    )

    assert names(using) == {1: "Mei"}


def test_what_is_protected_by_a_row_that_stays_is_not_deleted(using):
    loaded([*BLOG[:1], one("author", 2, name="x"), one("remark", 1, about=1)], using)
    kept = [one("author", 2, name="x")]

    with pytest.raises(ObjectIntegrityError, match=r"stay: testapp.remark pk=1;"):
        loaded(kept, using, deletes_missing=True)
    loaded(
        [*kept, one("remark", 2, about=2)],
        using,
        deletes_missing=True,
    )

    assert names(using) == {2: "x"}


def test_keys_of_two_columns_are_deleted_and_validated(using):
    cells = [one("cell", [1, n], row=1, column=n, value="x") for n in (1, 2, 3)]
    loaded(cells, using)

    loaded(cells[1:], using, deletes_missing=True, is_validated=True)

    assert [c.column for c in Cell.objects.using(using).order_by("pk")] == [2, 3]


def test_a_row_that_the_stream_holds_is_not_deleted_with_another(using):
    loaded(BLOG, using)
    stays = one("post", 1, title="b", author=1, tags=[])

    with pytest.raises(ObjectIntegrityError, match=r"stay: testapp.post pk=1;"):
        loaded([one("author", 2, name="x"), stays], using, deletes_missing=True)


def test_rows_of_one_model_that_hold_each_other_go_together(using):
    ring = [one("node", n, name=f"n{n}", next=n % 700 + 1) for n in range(1, 701)]
    loaded(ring, using)

    loaded([one("node", 900, name="new", next=900)], using, deletes_missing=True)

    assert [node.pk for node in Node.objects.using(using).all()] == [900]


def test_what_goes_along_with_others_is_counted_and_named_once(using):
    # Each chunk takes rows along of those behind it.
    nodes = [one("node", n, name=f"n{n}", next=max(1, n - 600)) for n in range(1, 1301)]
    loaded([*nodes, one("cell", [1, 2], row=1, column=2)], using)
    said = []

    report = loaded(
        [
            one("node", 2000, name="new", next=2000),
            one("cell", [1, 3], row=1, column=3),
        ],
        using,
        deletes_missing=True,
        differ=said.append,
    )

    assert report.of("testapp.node").deleted == 1300
    gone = [line for line in said if line.startswith("-")]
    assert gone == [
        "- testapp.cell pk=1, 2",
        *(f"- testapp.node pk={n}" for n in range(1, 1301)),
    ]


def test_what_goes_along_with_another_model_is_counted_and_named_once(using):
    gone = [one("author", 2, name="b"), one("post", 2, title="b", author=2)]
    loaded([*BLOG, *gone], using)
    said = []

    def receive(sender, **kwargs):
        pass

    # What is saved one by one is deleted before what is not.
    post_save.connect(receive, sender=Author)
    try:
        report = loaded(BLOG, using, deletes_missing=True, differ=said.append)
    finally:
        post_save.disconnect(receive, sender=Author)

    assert said == ["- testapp.author pk=2", "- testapp.post pk=2"]
    assert report.of("testapp.post").deleted == 1


def test_what_a_deletion_would_take_is_not_loaded(using):
    loaded([*BLOG[:1], one("author", 2, name="x")], using)
    Post.objects.using(using).bulk_create(
        Post(title="t", author_id=1) for _ in range(3000)
    )
    seen = []

    def instantiated(sender, **kwargs):
        seen.append(sender)

    post_init.connect(instantiated, sender=Post)
    try:
        with pytest.raises(
            ObjectIntegrityError, match=r"stay: (testapp.post pk=\d+, ){4}"
        ):
            loaded([one("author", 2, name="x")], using, deletes_missing=True)
    finally:
        post_init.disconnect(instantiated, sender=Post)

    assert len(seen) < 10


def test_a_refused_deletion_comes_after_all_other_problems(using):
    loaded([*BLOG[:1], one("author", 2, name="x"), one("remark", 1, about=1)], using)
    objects = [one("author", 2, name="x"), one("item", 1, url="no")]

    with pytest.raises(ManyObjectsError) as caught:
        loaded(objects, using, deletes_missing=True, is_validated=True, most_errors=9)

    first, last = caught.value.errors
    assert "object 2 (testapp.item pk=1)" in first
    assert last.startswith("--delete-missing: deleting testapp.author")
