from __future__ import annotations

import pytest
from django.db.models.signals import post_save

from loaddata_stdin.exceptions import LoaddataStdinError, ObjectIntegrityError

from .test_load import one, restart_keys
from .test_modes import loaded
from .testapp.models import Author, Book, Cafe, Item, Place, Post

pytestmark = [
    pytest.mark.django_db(databases=["default", "sqlite"]),
    pytest.mark.parametrize("using", ["default", "sqlite"]),
]
BY_NAME = {"testapp.author": ["name"], "testapp.tag": ["kind", "name"]}


def test_rows_are_found_by_fields_and_references_follow_them(using):
    loaded(
        [one("author", 10, name="Mei"), one("tag", 5, kind=1, name="x")],
        using,
    )

    report = loaded(
        [
            one("post", 1, title="a", author=1, tags=[1, 2]),
            one("author", 1, name="Mei"),
            one("author", 2, name="Zoë"),
            one("author", 10, name="taken"),
            one("tag", 1, kind=1, name="x"),
            one("tag", 2, kind=2, name="x"),
            one("post", 2, title="b", author=10, tags=[[2, "x"]]),
            one("post", 3, title="c", author=["Zoë"], tags=[]),
        ],
        using,
        keys=BY_NAME,
    )

    authors = {a.name: a.pk for a in Author.objects.using(using).all()}
    assert authors["Mei"] == 10
    assert authors["Zoë"] == 2
    assert authors["taken"] not in {1, 2, 10}
    posts = Post.objects.using(using).order_by("pk")
    assert [p.author.name for p in posts] == ["Mei", "taken", "Zoë"]
    kinds = [sorted(p.tags.values_list("pk", flat=True)) for p in posts]
    assert kinds == [[2, 5], [2], []]
    assert report.models["testapp.author"].unchanged == 1
    assert report.models["testapp.author"].created == 2


def test_two_objects_with_the_same_fields_are_one(using):
    loaded(
        [
            one("author", 1, name="Mei"),
            one("author", 2, name="Mei"),
            one("author", None, name="Mei"),
            one("post", 1, title="a", author=2),
        ],
        using,
        keys=BY_NAME,
    )

    assert Author.objects.using(using).get().pk == 1
    assert Post.objects.using(using).get().author_id == 1


def test_what_the_stream_does_not_hold_is_the_key_of_a_row(using):
    loaded([one("author", 7, name="Mei")], using)

    loaded(
        [one("author", 1, name="Zoë"), one("post", 1, title="a", author=7)],
        using,
        keys=BY_NAME,
    )

    assert Post.objects.using(using).get().author.name == "Mei"


def test_a_child_follows_its_parent(using):
    loaded([one("place", 9, name="Bar")], using)

    loaded(
        [one("place", 1, name="Bar"), one("cafe", 1, seats=3)],
        using,
        keys={"testapp.place": ["name"]},
    )

    assert Place.objects.using(using).get().pk == 9
    assert Cafe.objects.using(using).get().name == "Bar"


def test_patches_and_conflicts_go_by_the_fields(using):
    loaded([one("author", 9, name="Mei"), one("post", 4, title="a", author=9)], using)
    keys = {**BY_NAME, "testapp.post": ["title"]}

    report = loaded(
        [one("author", 1, name="Zoë"), one("post", 1, title="a", author=1)],
        using,
        keys=keys,
        is_patch=True,
        deletes_missing=True,
    )
    with pytest.raises(ObjectIntegrityError, match="is there already"):
        loaded([one("author", 5, name="Zoë")], using, keys=keys, on_conflict="error")

    assert Post.objects.using(using).get().author.name == "Zoë"
    assert report.models["testapp.author"].deleted == 1


@pytest.mark.parametrize(
    ("objects", "keys", "message"),
    [
        pytest.param([], {"testapp.nobody": ["x"]}, "nobody", id="unknown model"),
        pytest.param([], {"testapp.post": ["x"]}, "no field", id="unknown field"),
        pytest.param([], {"testapp.cell": ["row"]}, "one column", id="composite"),
        pytest.param(
            [one("post", 1, author=1)],
            {"testapp.post": ["title"]},
            r"object 1 \(testapp.post pk=1\), field title: not listed",
            id="absent",
        ),
        pytest.param(
            [one("author", 3, name="y"), one("author", 4, name=None)],
            BY_NAME,
            r"object 2 \(testapp.author.*\), field name: it is null",
            id="null",
        ),
        pytest.param(
            [one("place", 1, name="p")],
            {"testapp.place": ["name"]},
            r"object 1 .* more than one row has its name",
            id="two rows",
        ),
        pytest.param(
            [one("author", 1, name="x"), one("author", 1, name="y")],
            BY_NAME,
            "another object has the same primary key",
            id="one key for two",
        ),
    ],
)
def test_what_tells_no_row_is_refused(using, objects, keys, message):
    loaded([one("place", 7, name="p"), one("place", 8, name="p")], using)

    with pytest.raises(LoaddataStdinError, match=message):
        loaded(objects, using, keys=keys)


def test_what_is_saved_one_by_one_goes_by_the_fields_too(using):
    def receive(sender, instance, **kwargs):
        pass

    loaded([one("author", 10, name="Mei"), one("tag", 9, kind=1, name="x")], using)
    post_save.connect(receive, sender=Author)
    post_save.connect(receive, sender=Post)
    try:
        report = loaded(
            [
                one("author", 1, name="Mei"),
                one("author", 10, name="Zoë"),
                one("tag", 1, kind=1, name="x"),
                one("post", 1, title="a", author=1, tags=[1]),
                one("book", 1, title="b", author=10),
            ],
            using,
            keys=BY_NAME,
        )
    finally:
        post_save.disconnect(receive, sender=Author)
        post_save.disconnect(receive, sender=Post)

    post = Post.objects.using(using).get()
    assert (post.author_id, [t.pk for t in post.tags.all()]) == (10, [9])
    assert Book.objects.using(using).get().author.name == "Zoë"
    assert report.models["testapp.author"].saved == 2


def test_two_objects_with_one_key_in_the_stream_are_never_taken_for_one(using):
    with pytest.raises(ObjectIntegrityError, match="another object has the same"):
        loaded(
            [
                one("author", 5, name="x"),
                one("author", 5, name="y"),
                one("author", 2, name="x"),
            ],
            using,
            keys=BY_NAME,
        )


@pytest.fixture
def single():
    """Let items be saved one by one, after all that stands before them."""

    def receive(sender, **kwargs):
        pass

    post_save.connect(receive, sender=Item)
    yield one("item", 1)
    post_save.disconnect(receive, sender=Item)


def test_what_refers_to_a_later_object_by_a_key_alone_is_not_lost(using, single):
    loaded([one("place", 9, name="Bar")], using)

    loaded(
        [
            one("cafe", 1, seats=3),
            one("cafe", 2, seats=4),
            single,
            one("place", 1, name="Bar"),
            one("place", 2, name="Pub"),
        ],
        using,
        keys={"testapp.place": ["name"]},
    )

    cafes = Cafe.objects.using(using).order_by("seats")
    assert [(c.pk, c.name) for c in cafes] == [(9, "Bar"), (2, "Pub")]


def test_a_key_may_be_a_reference_to_a_later_object(using, single):
    loaded([one("author", 10, name="Mei"), one("book", 3, title="t", author=10)], using)

    loaded(
        [one("book", 1, title="t", author=1), single, one("author", 1, name="Mei")],
        using,
        keys={**BY_NAME, "testapp.book": ["author", "title"]},
    )

    assert Book.objects.using(using).get().pk == 3


def test_new_keys_are_never_those_of_rows(using):
    restart_keys(using, [Author], 1)
    Author.objects.using(using).create(pk=10, name="Mei")

    loaded(
        [one("author", 1, name="x"), one("author", 10, name="y")], using, keys=BY_NAME
    )

    names = dict(Author.objects.using(using).values_list("pk", "name"))
    assert names == {1: "x", 10: "Mei", 11: "y"}


def test_a_key_that_leads_to_its_own_model_is_refused(using):
    with pytest.raises(LoaddataStdinError, match="it leads to the model itself"):
        loaded([], using, keys={"testapp.node": ["next"]})
