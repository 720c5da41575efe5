"""Primary keys whose default is that of the database, and no sequence of its own."""

from __future__ import annotations

import pytest
from django.db import connection

from loaddata_stdin.exceptions import ObjectIntegrityError

from .test_load import one
from .test_modes import loaded
from .testapp.models import Cafe, Place, Tag

pytestmark = pytest.mark.django_db
OTHER = "the database has a default of its own for the primary key"
FREE = "CREATE FUNCTION made() RETURNS bigint LANGUAGE sql AS "
NEXT = "'SELECT 70 + count(*) FROM testapp_place'"


@pytest.fixture
def default():
    """Let a column of keys have another default."""

    def change(default, table="testapp_place", before=FREE + NEXT):
        with connection.cursor() as cursor:
            cursor.execute(before)
            cursor.execute(f"ALTER TABLE {table} ALTER id DROP IDENTITY")
            cursor.execute(f"ALTER TABLE {table} ALTER id SET DEFAULT {default}")

    return change


def places():
    return dict(Place.objects.order_by("pk").values_list("pk", "name"))


def new(*names):
    return [one("place", None, name=name) for name in names]


@pytest.mark.parametrize("name", ["shared", '"Shared ""%s"""'])
def test_a_sequence_in_the_default_gives_keys(default, name):
    default(
        f"nextval('{name}')",
        before=f"CREATE SEQUENCE {name} START 100",
    )

    report = loaded([*new("a", "b"), one("place", 102, name="c")], "default")
    loaded(new("d"), "default")

    assert not report.slow
    assert places() == {100: "a", 101: "b", 102: "c", 103: "d"}


@pytest.mark.parametrize("expression", ["made()", "7 + nextval('shared')"])
def test_an_object_that_gets_another_default_is_saved_by_itself(default, expression):
    default(expression, before=FREE + NEXT + "; CREATE SEQUENCE shared START 63")

    report = loaded([one("place", 1, name="x")], "default")
    assert not report.slow
    report = loaded([one("place", 1, name="y"), *new("a", "b")], "default")

    assert report.slow == {"testapp.place": OTHER}
    assert list(places().values()) == ["y", "a", "b"]
    assert min(places().keys() - {1}) in {70, 71}


def test_a_function_gives_keys_to_rows_that_a_key_does_not_find(default):
    default("made()")
    Place.objects.create(pk=5, name="there")
    objects = [*new("a", "there", "b"), one("place", 5, name="c"), one("cafe", 5)]

    report = loaded(objects, "default", keys={"testapp.place": ["name"]})

    assert report.slow["testapp.place"] == OTHER
    assert places() == {5: "there", 71: "a", 72: "b", 73: "c"}
    assert Cafe.objects.get().pk == 73


def test_a_key_of_a_function_that_is_taken_is_refused(default):
    default("made()", before=FREE + "'SELECT 5::bigint'")
    Place.objects.create(pk=5, name="there")

    with pytest.raises(ObjectIntegrityError, match=r"the key 5, which is taken\.$"):
        loaded(new("a"), "default", keys={"testapp.place": ["name"]})
    assert places() == {5: "there"}


def test_a_default_is_not_asked_where_a_row_has_the_natural_key(default):
    default("made()", "testapp_tag")
    Tag.objects.create(pk=1, kind=1, name="x")

    loaded([one("tag", None, kind=1, name="x")], "default")

    assert Tag.objects.get().pk == 1
