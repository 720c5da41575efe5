"""The modes with objects of every format, which differ in what a scalar is."""

from __future__ import annotations

import json

import pytest
from django.core.serializers import serialize

from .testapp.models import Author, Item, Key, Post, Tag

pytestmark = pytest.mark.django_db
FORMATS = pytest.mark.parametrize("name", ["json", "jsonl", "xml", "yaml"])


@pytest.fixture
def dump():
    """Return a dump, by format, of rows that the database does not hold any more."""

    def dumped(name):
        tag = Tag(pk=3, kind=1, name="x")
        Author.objects.bulk_create([Author(pk=5, name="Mei"), Author(pk=6, name="010")])
        tag.save()
        Post.objects.create(pk=7, title="no", author_id=5).tags.add(tag)
        Key.objects.bulk_create(
            [Key(code="010", of_id="Mei"), Key(code="011", of_id="010")]
        )
        rows = [*Author.objects.all(), tag, *Post.objects.all(), *Key.objects.all()]
        content = serialize(name, rows)
        Post.objects.all().delete()
        Key.objects.all().delete()
        Tag.objects.all().delete()
        Author.objects.all().delete()
        return content

    return dumped


@FORMATS
@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="plain"),
        pytest.param({"on_conflict": "ignore"}, id="ignore"),
        pytest.param({"on_conflict": "error"}, id="error"),
        pytest.param({"patch": True}, id="patch"),
        pytest.param({"delete_missing": True}, id="delete missing"),
        pytest.param({"validate": True, "diff": True}, id="validate, diff"),
    ],
)
def test_every_mode_takes_every_format(loaddata, dump, name, options):
    content = dump(name)

    report = json.loads(loaddata(content, summary="json", **options))

    assert sorted(Key.objects.values_list("pk", flat=True)) == ["010", "011"]
    assert dict(Author.objects.values_list("pk", "name")) == {5: "Mei", 6: "010"}
    post = Post.objects.get()
    assert (post.pk, post.title, [t.pk for t in post.tags.all()]) == (7, "no", [3])
    counts = report["models"]["testapp.key"]
    assert counts["created"] == 2
    assert report["read"] == report["loaded"] == 6


@FORMATS
def test_keys_are_found_in_every_format(loaddata, dump, name):
    content = dump(name)
    Author.objects.create(pk=50, name="Mei")
    Author.objects.create(pk=5, name="other")
    Tag.objects.create(pk=30, kind=1, name="x")

    loaddata(content, key=["testapp.author=name", "testapp.tag=kind,name"])

    post = Post.objects.get()
    assert (post.author_id, [t.pk for t in post.tags.all()]) == (50, [30])
    assert Author.objects.get(pk=5).name == "other"
    assert Author.objects.get(name="010").pk == 6


@FORMATS
def test_a_dry_run_of_every_format_is_told_as_it_would_be(loaddata, dump, name):
    content = dump(name)
    Author.objects.create(pk=5, name="Mei")
    Key.objects.create(code="010", of_id="Mei")

    options = {"summary": "json", "validate": True, "diff": True}
    dry = json.loads(loaddata(content, dry_run=True, **options))
    real = json.loads(loaddata(content, **options))

    assert {**dry, "dry_run": False} == real
    assert real["models"]["testapp.key"]["unchanged"] == 1


def test_text_of_yaml_is_patched_as_it_was_written(loaddata):
    Item.objects.create(pk=8, text="old", slug="kept")
    content = "- model: testapp.item\n  pk: 010\n  fields: {text: 010, big: 010}\n"

    loaddata(content, patch=True)

    item = Item.objects.get()
    assert (item.text, item.big, item.slug) == ("010", 8, "kept")
