"""Natural keys of objects that do not list their fields."""

from __future__ import annotations

import pytest
from django.db.models.signals import pre_init

from loaddata_stdin.load import Options, load

from .test_load import assert_as_django, one, stream
from .testapp.models import Badge, Coin, Grade, Sign, Stamp

pytestmark = [
    pytest.mark.django_db(databases=["default", "sqlite"]),
    pytest.mark.parametrize("using", ["default", "sqlite"]),
]


def test_objects_that_leave_out_a_part_with_a_default_are_not_one(using):
    load(
        stream(
            [
                one("badge", None, text="b"),
                one("badge", 7, text="a"),
                one("badge", None, text="d"),
                one("badge", 8, text="c"),
            ]
        ),
        options=Options(using=using),
    )

    badges = Badge.objects.using(using)
    assert badges.count() == 4
    assert dict(badges.filter(pk__in=[7, 8]).values_list("pk", "text")) == {
        7: "a",
        8: "c",
    }


def test_a_part_that_is_left_out_is_its_default(tmp_path, using):
    assert_as_django(
        tmp_path,
        using,
        [
            one("grade", None, name="a", text="first"),
            one("grade", None, kind="usual", name="a", text="second"),
            one("grade", None, name="b", text="new"),
        ],
        [Grade],
        before=[one("grade", 5, kind="usual", name="b", text="old")],
    )


def test_a_part_that_the_database_fills_is_asked_for(tmp_path, using):
    assert_as_django(
        tmp_path,
        using,
        [one("stamp", None, text="a"), one("stamp", None, code="new", text="b")],
        [Stamp],
    )


def test_a_patch_that_leaves_out_a_part_is_not_found_by_its_default(using):
    objects = [
        one("grade", 1, kind="rare", name="a"),
        one("grade", 2, kind="usual", name="b"),
    ]
    load(stream(objects), options=Options(using=using))

    load(
        stream([one("grade", 1, name="b"), one("grade", None, name="b", text="new")]),
        options=Options(using=using, is_patch=True),
    )

    grades = Grade.objects.using(using).order_by("pk")
    assert list(grades.values_list("kind", "name", "text")) == [
        ("rare", "b", "-"),
        ("usual", "b", "new"),
    ]


@pytest.fixture(params=[False, True], ids=["as they stand", "as objects"])
def is_made(request):
    """Let rows be made of what stands in the stream, or of objects."""

    def receive(**_):
        pass

    if request.param:
        pre_init.connect(receive, sender=Coin)
    yield
    pre_init.disconnect(receive, sender=Coin)


@pytest.mark.usefixtures("is_made")
@pytest.mark.parametrize("key", [{}, {"pk": None}])
def test_a_primary_key_is_made_only_for_a_new_natural_key(using, key):
    there = "4f0a1c2e-0000-4000-8000-00000000000a"
    other = "4f0a1c2e-0000-4000-8000-00000000000b"
    Coin.objects.using(using).create(pk=there, name="a", text="old")

    def coin(name, text, **more):
        fields = {"name": name, "text": text, "tags": [[1, "x"]]}
        return {"model": "testapp.coin", "fields": fields, **key, **more}

    report = load(
        stream(
            [
                one("tag", 1, kind=1, name="x"),
                coin("a", "new"),
                coin("b", "first"),
                coin("b", "last"),
                coin("c", "first", pk=other),
                coin("c", "last"),
            ]
        ),
        options=Options(using=using),
    )

    coins = {coin.name: coin for coin in Coin.objects.using(using).all()}
    assert {n: coin.text for n, coin in coins.items()} == {
        "a": "new",
        "b": "last",
        "c": "last",
    }
    assert (str(coins["a"].pk), str(coins["c"].pk)) == (there, other)
    assert coins["b"].tags.count() == 1
    assert not report.slow


def test_a_natural_key_may_be_the_primary_key(tmp_path, using):
    assert_as_django(
        tmp_path,
        using,
        [
            one("sign", "a", text="first"),
            one("sign", "b", of=["a"]),
            one("sign", None, code="a", text="second"),
        ],
        [Sign],
    )
