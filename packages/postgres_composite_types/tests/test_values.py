from __future__ import annotations

import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import (
    DateRange,
    DateTimeTZRange,
    NumericRange,
)
from django.db.models import JSONField, Value

try:
    from django.db.models import JSONNull
except ImportError:  # before Django 6.1

    def JSONNull():
        return Value(None, JSONField())


from .testapp.models import (
    Everything,
    Folder,
    Map,
    Mood,
    Place,
    Point,
    Sheet,
    Stamp,
    Tag,
    Thing,
)

pytestmark = pytest.mark.django_db

UTC = datetime.timezone.utc
MOMENT = datetime.datetime(2020, 1, 2, 3, 4, 5, 60, tzinfo=UTC)
AWKWARD = "a\"b\\c\n,(){}[]\t\u2028 é😀 '%s' NULL null $1"

MEMBERS = [
    ("text", AWKWARD),
    ("text", ""),
    ("text", "NULL"),
    ("char", "happy"),
    ("flag", True),
    ("flag", False),
    ("small", -32768),
    ("integer", 2147483647),
    ("big", -(2**63)),
    ("double", 0.1),
    ("double", 1e300),
    ("double", float("inf")),
    ("double", float("-inf")),
    ("decimal", Decimal("12345678901234567890.0123456789")),
    ("decimal", Decimal("5.0000000000")),
    ("date", datetime.date(1, 1, 1)),
    ("date", datetime.date(9999, 12, 31)),
    ("time", datetime.time(1, 2, 3, 400)),
    ("time", datetime.time(1, 2, 3, 400000)),
    ("moment", MOMENT),
    ("moment", MOMENT.astimezone(datetime.timezone(datetime.timedelta(hours=10)))),
    ("duration", datetime.timedelta(days=-3, seconds=5, microseconds=7)),
    ("duration", datetime.timedelta(0)),
    ("duration", datetime.timedelta(days=800, hours=30)),
    ("uuid", UUID(int=2**127 + 5)),
    ("binary", b'\x00\xff\\x"'),
    ("binary", b""),
    ("ip", "192.168.0.1"),
    ("ip", "2001:db8::1"),
    ("data", {"a": [1, 1.5, None, "ä", {"b": True}]}),
    ("data", []),
    ("data", ""),
    ("data", "null"),
    ("data", 0),
    ("data", False),
    ("data", 1.5e-7),
    ("sets", {"inner": {3, 1}}),
    ("pair", (1, "two")),
    ("mood", Mood.SAD),
    ("numbers", [1, None, -3]),
    ("numbers", []),
    ("grid", [["a", None], [AWKWARD[:9], ""]]),
    ("days", [datetime.date(2020, 2, 29), None]),
    ("documents", [{"a": 1.25}, [1], "x", None]),
    ("integer_range", NumericRange(1, 5, "[)")),
    ("integer_range", NumericRange(None, 5, "()")),
    ("integer_range", NumericRange(empty=True)),
    ("decimal_range", NumericRange(Decimal("0.10"), Decimal(7), "(]")),
    ("date_range", DateRange(datetime.date(2020, 1, 1), None, "[)")),
    ("moment_range", DateTimeTZRange(MOMENT, MOMENT + datetime.timedelta(1), "[]")),
]


@pytest.mark.parametrize(("name", "member"), MEMBERS, ids=lambda v: repr(v)[:40])
def test_a_member_of_any_kind_survives_a_round_trip(name, member):
    value = Everything(**{name: member})
    Thing.objects.create(value=value)
    Thing.objects.bulk_create([Thing(value=value), Thing(value=value)])

    for found in Thing.objects.all():
        assert getattr(found.value, name) == member
        assert type(getattr(found.value, name)) is type(member)
        assert found.value == value
        found.save()
    assert Thing.objects.filter(value=value).count() == 3


# In columns of their own Django does not find the others either.
COMPARABLE = [pair for pair in MEMBERS if pair[0] not in {"documents", "grid"}]


@pytest.mark.parametrize(("name", "member"), COMPARABLE, ids=lambda v: repr(v)[:40])
def test_a_member_is_equal_to_itself_in_a_lookup(name, member):
    Thing.objects.create(value=Everything(**{name: member}))
    Thing.objects.create(value=Everything())

    assert Thing.objects.filter(**{f"value__{name}": member}).count() == 1


@pytest.mark.parametrize(("name", "member"), MEMBERS, ids=lambda v: repr(v)[:40])
def test_a_member_is_read_from_the_text_of_a_record_too(name, member):
    Thing.objects.create(value=Everything(**{name: member}))

    [found] = Thing.objects.raw("SELECT id, value FROM testapp_thing")

    assert getattr(found.value, name) == member
    assert type(getattr(found.value, name)) is type(member)


def test_not_a_number_survives_a_round_trip():
    Thing.objects.create(value=Everything(double=float("nan")))

    value = Thing.objects.get().value

    assert value.double != value.double


def test_null_and_a_row_of_nulls_and_empty_strings_stay_apart():
    values = [None, Everything(), Everything(text="")]
    Thing.objects.bulk_create(Thing(value=value) for value in values)
    for value in values:
        Thing.objects.create(value=value)

    found = [thing.value for thing in Thing.objects.order_by("pk")]

    assert found == values * 2
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT value IS DISTINCT FROM NULL, (value).text FROM testapp_thing"
            " ORDER BY id"
        )
        assert cursor.fetchall() == [(False, None), (True, None), (True, "")] * 2


@pytest.mark.parametrize("is_touched", [False, True], ids=["untouched", "touched"])
def test_a_json_null_in_a_member_stays_a_json_null(is_touched):
    null = JSONNull()
    tag = Tag("a", notes=null)
    Thing.objects.create(value=Everything(text="null", data=null))
    Thing.objects.create(value=Everything(text="null", data=None))
    Map.objects.create(
        place=Place("", tag=tag, tags=[tag, Tag("b"), None]), legends=[tag, Tag("b")]
    )

    for row in [*Thing.objects.all(), *Map.objects.all()]:
        if is_touched:
            assert repr(row.__dict__)
        row.save()
    Thing.objects.bulk_create([Thing(value=t.value) for t in Thing.objects.all()])

    assert Thing.objects.filter(value__data=null).count() == 2
    assert Thing.objects.filter(value__data__isnull=True).count() == 2
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT ((place).tag).notes::text, ((place).tags[1]).notes::text,
                ((place).tags[2]).notes::text, (place).tags[3] IS NOT DISTINCT FROM NULL,
                (legends[1]).notes::text, (legends[2]).notes::text FROM testapp_map"""
        )
        assert cursor.fetchall() == [("null", "null", None, True, "null", None)]
    assert Thing.objects.first().value.data is None
    assert Map.objects.get().place.tag.notes is None


def test_values_nest_to_any_depth_and_in_arrays():
    point = Point(1, 2)
    tag = Tag('"a",(b)\\', [point, Point(3), None], {"x": [None]})
    place = Place("home", point, tag, [tag, None, Tag("b", [])], 5)
    grid = [[point, None], [Point(), Point(9, 9)]]

    Map.objects.create(place=place, grid=grid)
    Map.objects.bulk_create([Map(place=place, grid=grid), Map(place=place, grid=grid)])

    for found in [*Map.objects.all(), *Map.objects.raw("SELECT * FROM testapp_map")]:
        assert found.place == place
        assert found.grid == grid


@pytest.mark.parametrize(
    "grid",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="empty"),
        pytest.param([[None, None]], id="nulls"),
        pytest.param([[Point(), None], [None, None]], id="some-nulls"),
    ],
)
def test_arrays_keep_their_nulls(grid):
    Map.objects.create(grid=grid)
    Map.objects.bulk_create([Map(grid=grid), Map(grid=[[Point()]])])

    found = Map.objects.order_by("pk")

    assert [m.grid for m in found] == [grid, grid, [[Point()]]]
    assert Map.objects.filter(grid=grid).count() == 2
    assert [
        m.grid for m in Map.objects.raw("SELECT * FROM testapp_map ORDER BY id")
    ] == [grid, grid, [[Point()]]]


def test_an_array_with_other_bounds_is_read():
    Map.objects.create(grid=[[Point()]])

    [found] = Map.objects.raw(
        """SELECT id, '[0:0][5:5]={{"(7,8)"}}'::x_point[][] AS grid FROM testapp_map"""
    )

    assert found.grid == [[Point(7, 8)]]


@pytest.mark.parametrize(
    ("style", "name", "text", "expected"),
    [
        pytest.param(
            "IntervalStyle = iso_8601", "duration", "1 day 02:03:04.5",
            datetime.timedelta(days=1, hours=2, minutes=3, seconds=4.5), id="iso-interval",
        ),
        pytest.param(
            "IntervalStyle = postgres", "duration", "-1 year 2 mons -3 days -04:05:06",
            -datetime.timedelta(days=303, hours=4, minutes=5, seconds=6), id="interval",
        ),
        pytest.param("bytea_output = escape", "binary", "\\x615c00ff", b"a\\\0\xff", id="bytea"),
        pytest.param("TimeZone = 'Asia/Kolkata'", "moment", MOMENT.isoformat(), MOMENT, id="zone"),
        pytest.param("DateStyle = 'German'", "date", "2020-01-02", datetime.date(2020, 1, 2), id="date"),
    ],
)  # fmt: skip
def test_settings_of_the_session_change_nothing(style, name, text, expected):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {style}")
        cursor.execute(
            "INSERT INTO testapp_thing (value) SELECT"
            " json_populate_record(NULL::x_everything, json_build_object(%s::text, %s::text))",
            [name, text],
        )

        assert getattr(Thing.objects.get().value, name) == expected


def test_moments_are_naive_without_time_zones(settings):
    Thing.objects.create(value=Everything(moment=MOMENT))
    settings.USE_TZ = False

    assert Thing.objects.get().value.moment == MOMENT.replace(tzinfo=None)


def test_members_do_what_they_do_before_a_row_is_saved():
    given = Stamp(made=MOMENT, saved=MOMENT, by="ANA")
    folder = Folder.objects.create(
        stamp=given, stamps=[Stamp(by="Bo")], sheet=Sheet(Stamp(by="Cy"))
    )

    first = Folder.objects.get()
    stamps = [first.stamp, first.stamps[0], first.sheet.stamp]
    assert [stamp.by for stamp in stamps] == ["ana", "bo", "cy"]
    assert all(stamp.made > MOMENT and stamp.saved > MOMENT for stamp in stamps)
    assert first.stamp == folder.stamp

    first.stamps.append(Stamp(by="Di"))
    first.save()

    then = Folder.objects.get()
    assert (then.stamp.made, then.stamps[0].made) == (
        stamps[0].made,
        folder.stamps[0].made,
    )
    assert then.stamps[1].saved >= then.stamps[1].made > then.stamp.made
    assert then.stamp.saved > folder.stamp.saved
    assert then.sheet.stamp.saved > folder.sheet.stamp.saved


def test_members_of_a_mapping_do_so_too():
    Folder.objects.create(stamp={"by": "ANA"})
    Folder.objects.bulk_create([Folder(stamp={"by": "BO"}), Folder()])

    first, second, third = Folder.objects.order_by("pk")
    assert (first.stamp.by, second.stamp.by, third.stamp) == ("ana", "bo", None)
    assert first.stamp.made
    assert second.stamp.saved


def test_members_without_anything_to_do_stay_as_they_were_read():
    Map.objects.create(legend=Tag("a"))
    found = Map.objects.get()
    found.save()

    assert isinstance(found.legend._stored, str)
