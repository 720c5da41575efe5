"""Natural keys of objects that are not in the stream, and of Django's own models."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loaddata_stdin.exceptions import ObjectValueError
from loaddata_stdin.load import load

from .test_load import assert_as_django, one, stream
from .testapp.models import Author, Post, Tag

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])
ACCESS = [Group, Group.permissions.through, Permission, User, User.groups.through]

USER = {"password": "!", "date_joined": "2026-01-01T00:00:00Z"}


def auth(model, pk=None, /, **fields):
    return {"model": f"auth.{model}", "pk": pk, "fields": fields}


@pytest.fixture
def lookups():
    """Return the queries of an action that ask for objects by their natural key."""

    def of(table, action):
        with CaptureQueriesContext(
            connection,
        ) as context:
            action()
        return [
            query["sql"]
            for query in context
            if (query["sql"] or "").startswith("SELECT")
            and f'FROM "{table}" WHERE' in query["sql"]
        ]

    return of


def posts(count, **fields):
    return stream([one("post", n, title="t", **fields) for n in range(1, count)])


def test_keys_of_one_column_are_looked_up_together(lookups):
    Author.objects.bulk_create(Author(name=f"a{n}") for n in range(40))

    queries = lookups(
        "testapp_author",
        lambda: load(
            stream(
                [
                    one("post", n, title="t", author=[f"a{n % 40}"])
                    for n in range(1, 400)
                ]
            )
        ),
    )

    assert len(queries) == 1
    assert Post.objects.get(pk=41).author.name == "a1"


def test_each_key_of_several_columns_is_looked_up_once(lookups):
    author = Author.objects.create(name="Mei")
    for kind in range(4):
        Tag.objects.create(kind=kind, name="x")

    queries = lookups(
        "testapp_tag",
        lambda: load(posts(90, author=author.pk, tags=[[k, "x"] for k in range(4)])),
    )

    assert len(queries) == 4
    assert Post.objects.get(pk=89).tags.count() == 4


def test_permissions_are_found_through_their_content_type(tmp_path, lookups):
    names = [
        [codename, "testapp", model]
        for model in ("author", "post")
        for codename in (f"add_{model}", f"view_{model}")
    ]
    objects = [auth("group", n, name=f"g{n}", permissions=names) for n in range(1, 9)]
    for using in ("default", "sqlite"):
        assert_as_django(tmp_path, using, objects, ACCESS)
    ContentType.objects.clear_cache()

    queries = lookups("auth_permission", lambda: load(stream(objects)))

    assert len(queries) == 4
    found = Group.objects.get(pk=8).permissions
    assert {each.natural_key() for each in found.all()} == set(map(tuple, names))


def test_permissions_without_a_key_are_found_or_made(tmp_path):
    content_type = ["testapp", "author"]
    objects = [
        auth(
            "permission",
            name="May add",
            codename="add_author",
            content_type=content_type,
        ),
        auth("permission", name="May sing", codename="sing", content_type=content_type),
        auth("group", name="g", permissions=[["sing", *content_type]]),
    ]

    for using in ("default", "sqlite"):
        assert_as_django(tmp_path, using, objects, ACCESS)


def test_users_are_written_in_bulk_by_their_names(tmp_path):
    objects = [
        auth("group", 1, name="g"),
        auth("user", username="mei", **USER, groups=[["g"]]),
        auth("user", username="zoë", **USER, groups=[1]),
        auth("user", username="mei", **USER, is_staff=True, groups=[]),
    ]
    for using in ("default", "sqlite"):
        assert_as_django(tmp_path, using, objects, ACCESS)

    report = load(stream(objects))

    assert (report.models["auth.user"].created, report.models["auth.user"].saved) == (
        2,
        0,
    )


@pytest.mark.parametrize("is_natural", [True, False])
def test_a_dump_of_access_brings_it_back(tmp_path, is_natural):
    group = Group.objects.create(name="g")
    group.permissions.set(Permission.objects.all()[:20])
    user = User.objects.create_user("mei")
    user.groups.add(group)
    user.user_permissions.set(Permission.objects.all()[10:15])
    before = sorted(user.get_all_permissions())
    dump = tmp_path / "dump.json"
    call_command(
        "dumpdata",
        *("auth", "contenttypes"),
        output=str(dump),
        use_natural_foreign_keys=is_natural,
        use_natural_primary_keys=is_natural,
        verbosity=0,
    )
    Group.objects.all().delete()
    User.objects.all().delete()
    Permission.objects.filter(codename__startswith="add").delete()

    with dump.open("rb") as objects:
        load(objects)

    assert sorted(User.objects.get().get_all_permissions()) == before


def test_a_key_that_is_nowhere_is_refused_with_its_place():
    with pytest.raises(
        ObjectValueError,
        match=r"^line 1, column 2, object 1 \(auth.group pk=1\), field permissions: no"
        r" auth.permission has the natural key \(fly, testapp, author\)\.$",
    ):
        load(
            stream(
                [auth("group", 1, name="g", permissions=[["fly", "testapp", "author"]])]
            )
        )


def test_a_key_from_the_sequence_is_not_that_of_another_object():
    Author.objects.create(pk=9, name="Zoë")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('testapp_author', 'id'), 4)"
        )

    # The first would get 5, the fifth 9.
    load(
        stream(
            [one("author", 6, name="Ümit")]
            + [one("author", None, name=name) for name in "abcde"]
        )
    )

    assert set(Author.objects.values_list("pk", "name")) >= {(6, "Ümit"), (9, "Zoë")}
    assert Author.objects.count() == 7
