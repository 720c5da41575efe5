"""Which objects are saved one by one, why, and in which order."""

from __future__ import annotations

import functools
import gc

import pytest
from django.db import connection, models
from django.db.models.signals import m2m_changed, post_save, pre_init, pre_save
from django.test.utils import CaptureQueriesContext

from loaddata_stdin import checks
from loaddata_stdin.load import load

from .test_load import CODE, one, stream
from .testapp.models import Author, Book, Everything, Item, Place, Post, Tag

pytestmark = pytest.mark.django_db
SETTING = "LOADDATA_STDIN_RAW_SAFE_RECEIVERS"
HERE = __name__


@pytest.fixture
def connect(request):
    """Connect a receiver until the end of the test."""

    def connected(signal, receiver, sender=None, *, weak=False):
        signal.connect(receiver, sender=sender, weak=weak)
        request.addfinalizer(lambda: signal.disconnect(receiver, sender=sender))

    return connected


def ignore(**_):
    """Do nothing."""


class Receiver:
    def __call__(self, **_):
        """Do nothing."""

    def method(self, **_):
        """Do nothing."""


@functools.wraps(ignore)
def decorated(**kwargs):
    return ignore(**kwargs)


def slow(objects):
    return load(stream(objects)).slow


ITEM = [one("item", 1, code=CODE)]
RECEIVERS = [
    pytest.param(ignore, "ignore", id="a function"),
    pytest.param(decorated, "ignore", id="a decorated function"),
    pytest.param(functools.partial(ignore, a=1), "ignore", id="a partial"),
    pytest.param(Receiver(), "Receiver", id="an object"),
    pytest.param(Receiver().method, "Receiver.method", id="a method"),
]


@pytest.mark.parametrize("signal", [pre_save, post_save])
@pytest.mark.parametrize(("receiver", "name"), RECEIVERS)
def test_a_receiver_is_named_unless_it_is_known(
    connect, settings, signal, receiver, name
):
    connect(signal, receiver, Item)

    assert slow(ITEM) == {"testapp.item": f"{HERE}.{name} receives its signals"}
    setattr(settings, SETTING, [f"{HERE}.{name}"])
    assert not slow(ITEM)


def test_a_receiver_without_a_sender_is_one_of_every_model(connect):
    connect(post_save, ignore)

    assert slow([*ITEM, one("tag", 1, kind=1, name="x")]).keys() == {
        "testapp.item",
        "testapp.tag",
    }


def test_a_receiver_of_another_model_does_not_count(connect):
    connect(post_save, ignore, Book)

    assert not slow(ITEM)


def test_a_receiver_that_is_gone_does_not_count():
    def gone(**_):
        """Do nothing."""

    post_save.connect(gone, sender=Item)
    del gone
    gc.collect()

    assert not slow(ITEM)


def test_a_save_of_its_own_is_not_called_by_django_either(monkeypatch):
    def save(self, *args, **kwargs):
        raise AssertionError

    monkeypatch.setattr(Item, "save", save)

    assert not slow(ITEM)


@pytest.mark.parametrize("name", ["save_base", "_do_insert", "_do_update"])
def test_the_methods_of_a_raw_save_count(monkeypatch, name):
    original = getattr(Item, name)
    monkeypatch.setattr(
        Item, name, lambda *args, **kwargs: original(*args, **kwargs), raising=False
    )

    assert slow(ITEM) == {"testapp.item": f"it has a {name} of its own"}


def test_a_base_manager_of_its_own_counts(monkeypatch):
    class Manager(models.Manager):
        pass

    manager = Manager()
    manager.model = Item
    monkeypatch.setitem(Item._meta.__dict__, "base_manager", manager)

    assert slow(ITEM) == {"testapp.item": "it has a base manager of its own"}


POST = [
    one("author", 1, name="Mei"),
    one("tag", 1, kind=1, name="x"),
    one("post", 1, title="a", author=1, tags=[1]),
]


def test_a_receiver_of_a_listed_many_to_many_field_counts(connect):
    calls = []
    connect(m2m_changed, lambda action, **_: calls.append(action), Post.tags.through)

    assert slow(POST) == {"testapp.post": "there are receivers of changes of tags"}
    assert calls == ["pre_add", "post_add"]


def test_a_receiver_of_a_field_that_is_not_listed_does_not_count(connect):
    connect(m2m_changed, ignore, Post.tags.through)

    assert not slow([POST[0], one("post", 1, title="a", author=1)])


def test_a_symmetrical_field_is_written_in_both_directions():
    rows = {"binary": "", "big": 1, "text": ""}

    reasons = slow(
        [
            one("everything", 1, **rows, friends=[2]),
            one("everything", 2, **rows, friends=[1]),
        ]
    )

    assert reasons == {"testapp.everything": "friends is symmetrical"}
    friends = Everything.friends.through.objects.values_list(
        "from_everything", "to_everything"
    )
    assert sorted(friends) == [(1, 2), (2, 1)]


def test_what_changes_an_object_when_it_is_made_is_asked(connect):
    def shout(kwargs, **_):
        kwargs["name"] = kwargs["name"].upper()

    connect(pre_init, shout, Place)

    assert not slow([one("place", 1, name="bar")])
    pre_init.disconnect(shout, sender=Place)
    assert Place.objects.get().name == "BAR"


def test_what_is_saved_by_itself_stands_between_what_is_before_and_behind(connect):
    seen = []

    def look(sender, instance, **_):
        seen.append((instance.author.name, Post.objects.count(), Tag.objects.count()))

    connect(post_save, look, Book)

    report = load(
        stream(
            [
                one("author", None, name="Mei"),
                one("post", 1, title="a", author=["Mei"]),
                one("book", 1, title="b", author=["Mei"]),
                one("tag", 1, kind=1, name="x"),
                one("book", 2, title="c", author=["Mei"]),
                one("post", 2, title="d", author=["Mei"], tags=[[1, "x"]]),
            ]
        )
    )

    assert seen == [("Mei", 1, 0), ("Mei", 1, 1)]
    assert report.slow.keys() == {"testapp.book"}
    assert Post.objects.get(pk=2).tags.get().name == "x"


def test_of_a_new_object_that_is_saved_by_itself_no_more_is_asked_than_by_django(
    connect,
):
    connect(post_save, ignore, Place)

    def queries(start, count):
        places = [one("place", start + n, name="a") for n in range(count)]
        with CaptureQueriesContext(connection) as context:
            load(stream(places))
        return len(context)

    # Django sends an UPDATE and an INSERT for each.
    assert queries(100, 13) - queries(200, 3) == 10 * 2


def test_a_natural_key_finds_what_was_saved_by_itself(connect):
    connect(post_save, ignore, Author)

    load(
        stream(
            [
                one("author", None, name="Mei"),
                one("post", 1, title="a", author=["Mei"]),
            ]
        )
    )

    assert Post.objects.get().author.name == "Mei"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([f"{HERE}.ignore", f"{HERE}.slow.<locals>.x"], []),
        ([f"{HERE}.nothing"], ["loaddata_stdin.W001"]),
        (["no module"], ["loaddata_stdin.W001"]),
        ([ignore], ["loaddata_stdin.E001"]),
        (f"{HERE}.ignore", ["loaddata_stdin.E001"]),
    ],
)
def test_the_setting_is_checked(settings, value, expected):
    setattr(settings, SETTING, value)

    assert [message.id for message in checks.check_receivers()] == expected
