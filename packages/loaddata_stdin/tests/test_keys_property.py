"""--key against a plain dictionary of names, with references in every direction."""

from __future__ import annotations

import os

import pytest
from django.db import connections, transaction
from django.db.models.signals import post_save
from hypothesis import given, settings
from hypothesis import strategies as st

from .test_load import one
from .test_modes import loaded
from .testapp.models import Author, Book, Post, Tag

KEYS = {"testapp.author": ["name"], "testapp.tag": ["kind", "name"]}
NUMBERS = st.integers(1, 4)
NAMES = st.sampled_from("abcde")
MODELS = {"author": Author, "book": Book, "post": Post, "tag": Tag}


@st.composite
def cases(draw):
    """Draw rows, objects by primary keys that are not those of the rows, and modes."""
    before = draw(st.dictionaries(NAMES, NUMBERS, max_size=3))
    before = {name: key for key, name in {k: n for n, k in before.items()}.items()}
    names = draw(st.dictionaries(NUMBERS, NAMES, min_size=1))
    tags = draw(st.dictionaries(NUMBERS, NAMES, min_size=1))
    objects = [one("author", key, name=name) for key, name in names.items()]
    objects += [one("tag", key, kind=1, name=name) for key, name in tags.items()]
    objects += [one("author", None, name=draw(NAMES)) for _ in range(draw(NUMBERS))]
    known = sorted({*names, *before.values()})
    for number in range(1, draw(NUMBERS) + 1):
        author = draw(st.sampled_from(known))
        title = f"{number}"
        objects.append(one("book", number, title=title, author=author))
        listed = draw(st.lists(st.sampled_from(sorted(tags)), max_size=2))
        objects.append(one("post", number, title=title, author=author, tags=listed))
    singles = draw(st.sets(st.sampled_from(sorted(MODELS))))
    return before, names, tags, draw(st.permutations(objects)), singles


def receive(sender, **kwargs):
    pass


@pytest.mark.django_db(databases=["default", "sqlite"])
@pytest.mark.parametrize("using", ["default", "sqlite"])
@settings(max_examples=int(os.environ.get("LOADDATA_STDIN_EXAMPLES", "40")))
@given(case=cases())
def test_every_reference_leads_to_what_it_meant_in_the_stream(using, case):
    before, names, tags, objects, singles = case
    by_number = {key: name for name, key in before.items()} | names
    for name in singles:
        post_save.connect(receive, sender=MODELS[name])
    try:
        with transaction.atomic(using=using):
            restart(using)
            Author.objects.using(using).bulk_create(
                Author(pk=key, name=name) for name, key in before.items()
            )
            # Of the same primary keys, and never meant by the stream.
            Tag.objects.using(using).bulk_create(
                Tag(pk=key, kind=2, name=f"{key}") for key in range(1, 3)
            )
            report = loaded(objects, using, keys=KEYS)
            authors = {a.pk: a.name for a in Author.objects.using(using).all()}
            books = {b.title: b.author.name for b in Book.objects.using(using).all()}
            posts = {
                p.title: (p.author.name, sorted(t.name for t in p.tags.all()))
                for p in Post.objects.using(using).all()
            }
            kinds = sorted(
                (t.kind, t.name) for t in Tag.objects.using(using).exclude(kind=2)
            )
            transaction.set_rollback(True, using=using)
    finally:
        for name in singles:
            post_save.disconnect(receive, sender=MODELS[name])

    sent = [each["fields"] for each in objects if each["model"] == "testapp.author"]
    assert sorted(authors.values()) == sorted({*before, *(f["name"] for f in sent)})
    assert {name: key for key, name in authors.items()}.items() >= before.items()
    assert kinds == sorted({(1, name) for name in tags.values()})
    for each in objects:
        fields = each["fields"]
        if each["model"] == "testapp.book":
            assert books[fields["title"]] == by_number[fields["author"]]
        if each["model"] == "testapp.post":
            listed = sorted({tags[key] for key in fields["tags"]})
            assert posts[fields["title"]] == (by_number[fields["author"]], listed)
    for counts in report.models.values():
        assert counts.deleted == 0
    assert report.loaded == sum(map(counted, report.models.values()))


def counted(counts):
    changed = counts.created + counts.updated + counts.unchanged
    return changed + counts.ignored + counts.repeated


def restart(using):
    """Let new keys begin at 1, where others may have theirs."""
    with connections[using].cursor() as cursor:
        for model in MODELS.values():
            table = model._meta.db_table
            if using == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            else:
                cursor.execute(f"ALTER SEQUENCE {table}_id_seq RESTART")
