"""Models whose fields do more than keep what is set."""

from __future__ import annotations

import pytest
from django.db import connection, connections

from loaddata_stdin.exceptions import ObjectLoadError
from loaddata_stdin.load import Options, load

from .test_load import assert_as_django, one, stream
from .testapp import models
from .testapp.odd import Counted

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])
both = pytest.mark.parametrize("using", ["default", "sqlite"])
MODELS = [
    *(models.Queued, models.Priced, models.Shouted, models.Shelf),
    *(models.Lid, models.Box),
    models.Shelf.things.through,
]


@both
@pytest.mark.parametrize(
    "objects",
    [
        pytest.param(
            [
                one("priced", 1, price="1.50"),
                one("priced", 2, price="2.50 USD"),
                one("priced", 3, price="3.50 JPY"),
            ],
            id="a field that sets another one",
        ),
        pytest.param(
            [one("shouted", 1, text="abc", count=1)],
            id="a field that changes its value",
        ),
        pytest.param(
            [one("shouted", 1, text="a", note=None, count=1)],
            id="a null that is a text",
        ),
        pytest.param(
            [one("queued", 1), one("queued", 2), one("queued", 3)],
            id="a default that asks the database",
        ),
        pytest.param(
            [one("lid", None, size=3), one("lid", "a", size=4)],
            id="a key that is a text",
        ),
        pytest.param(
            [
                one("box", None, text="abc"),
                one("box", None, text="abcd"),
                one("box", 7),
            ],
            id="a key that is made of the object",
        ),
    ],
)
def test_tables_are_as_after_the_command_of_django(tmp_path, using, objects):
    assert_as_django(tmp_path, using, objects, MODELS)


@both
def test_a_default_of_the_field_is_asked_for_each_object(using):
    Counted.count = 0

    objects = [one("shouted", n, text="a") for n in (1, 2, 3)]
    load(stream(objects), options=Options(using=using))

    found = models.Shouted.objects.using(using).order_by("pk")
    assert [each.count for each in found] == [1, 2, 3]


@both
def test_links_to_what_a_manager_hides_are_kept(tmp_path, using):
    for key in (1, 2):
        models.Hideable(pk=key, is_hidden=key == 2).save(using=using)
    models.Shelf(pk=1).save(using=using)
    through = models.Shelf.things.through
    for key in (1, 2):
        through(shelf_id=1, hideable_id=key).save(using=using)

    assert_as_django(tmp_path, using, [one("shelf", 1, things=[1])], MODELS)
    assert_as_django(tmp_path, using, [one("shelf", 1, things=[])], MODELS)


@both
def test_an_object_that_cannot_be_made_is_refused_with_its_place(using):
    with pytest.raises(
        ObjectLoadError,
        match=r"^line 1, column 62, object 2 \(.*box pk=2\).*no bad box",
    ):
        load(
            stream([one("box", 1, text="a"), one("box", 2, text="bad")]),
            options=Options(using=using),
        )


@both
@pytest.mark.parametrize("tags", [[None], [1, None]])
def test_a_null_among_keys_is_refused(using, tags):
    objects = [one("tag", 1, kind=1, name="x"), one("author", 1, name="Mei")]
    objects.append(one("post", 1, title="a", author=1, tags=tags))

    with pytest.raises(ObjectLoadError, match=r"post pk=1\), field tags: null is no"):
        load(stream(objects), options=Options(using=using))


@pytest.mark.parametrize(
    ("column", "kind", "values"),
    [
        ("at", "timestamp", {"at": "2026-03-01T00:00:00+05:30"}),
        ("at", "date", {"at": "2026-03-01T00:00:00+05:30"}),
        ("data", "text", {"data": {"b": 1, "a": "\u00e9"}}),
        ("title", "text", {"title": "a"}),
        ("number", "bigint", {"number": 12}),
        ("number", "numeric", {"number": "12"}),
    ],
)
def test_columns_of_other_types_get_what_django_writes(tmp_path, column, kind, values):
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE testapp_ticket ALTER {column} TYPE {kind}"
            f" USING {column}::text::{kind}"
        )

    objects = [one("ticket", 1, **{"at": "2026-03-01T12:00:00Z", **values})]
    assert_as_django(tmp_path, "default", objects, [models.Ticket])


def test_a_column_of_another_type_is_the_reason_to_save_one_by_one():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE testapp_ticket ALTER at TYPE timestamp")

    report = load(stream([one("ticket", 1, at="2026-03-01T12:00:00Z")]))

    assert report.slow == {
        "testapp.ticket": "the column at is timestamp without time zone, not timestamp"
        " with time zone"
    }


def test_a_default_that_the_table_has_not_is_nobodys():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE testapp_pin ALTER size DROP DEFAULT")

    load(stream([one("pin", 1, size=4)]))
    with pytest.raises(ObjectLoadError, match=r"pin pk=2\), field size: null value"):
        load(stream([one("pin", 2)]))

    assert models.Pin.objects.get().size == 4


def test_a_change_of_case_is_a_change_where_the_column_sees_none(tmp_path):
    with connections["sqlite"].cursor() as cursor:
        cursor.execute("DROP TABLE testapp_ticket")
        cursor.execute(
            "CREATE TABLE testapp_ticket (id integer PRIMARY KEY AUTOINCREMENT,"
            " at datetime, data text, title varchar(20) COLLATE NOCASE, number integer)"
        )
    before, objects = (
        [one("ticket", 1, at="2026-03-01T12:00:00Z", title=title)]
        for title in ("mei", "Mei")
    )

    assert_as_django(tmp_path, "sqlite", objects, [models.Ticket], before)
