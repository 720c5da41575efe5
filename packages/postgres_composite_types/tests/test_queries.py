from __future__ import annotations

import datetime
import pickle

import pytest
from asgiref.sync import async_to_sync
from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import FieldError, ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import gettext_lazy

from postgres_composite_types.exceptions import ValueTypeError

from .testapp.models import (
    Address,
    Constrained,
    Employee,
    Everything,
    Labelled,
    Map,
    Person,
    Place,
    Point,
    Tag,
    Thing,
)

pytestmark = pytest.mark.django_db

FITZROY = Address("1 High St", "Fitzroy", 3, datetime.date(2020, 1, 2))
COLLINGWOOD = Address("2 Smith St", "Collingwood", 10, datetime.date(2021, 5, 6))
NOWHERE = Address("x")


@pytest.fixture
def people():
    ann = Person.objects.create(
        name="Ann", address=FITZROY, previous=[COLLINGWOOD, None]
    )
    Person.objects.create(name="Bob", address=COLLINGWOOD, friend=ann)
    Person.objects.create(name="Cat", address=NOWHERE, previous=[NOWHERE, FITZROY])
    Person.objects.create(name="Dan", previous=None)


def names(*args, **kwargs):
    found = Person.objects.filter(*args, **kwargs).order_by("name")
    return "".join(person.name[0] for person in found)


@pytest.mark.parametrize(
    ("lookup", "value", "expected"),
    [
        ("address__suburb", "Fitzroy", "A"),
        ("address__suburb__iendswith", "WOOD", "B"),
        ("address__suburb__in", ["Fitzroy", "Collingwood"], "AB"),
        ("address__suburb__isnull", True, "CD"),
        ("address__suburb", None, "CD"),
        ("address__number__gt", 3, "B"),
        ("address__number__range", (3, 9), "A"),
        ("address__number", F("pk") * 0 + 3, "A"),
        ("address__since__year", 2021, "B"),
        ("address__since__month__gte", 5, "B"),
        ("friend__address__suburb", "Fitzroy", "B"),
        ("address", FITZROY, "A"),
        ("address", {"street": "x"}, "C"),
        ("address", NOWHERE, "C"),
        ("address", Value(FITZROY), "A"),
        ("address", F("address"), "ABC"),
        ("address__isnull", True, "D"),
        ("address__isnull", False, "ABC"),
        ("address", None, "D"),
        ("address__in", [FITZROY, NOWHERE, None], "AC"),
        ("address__in", [Value(FITZROY), COLLINGWOOD], "AB"),
        ("address__gt", FITZROY, "BC"),
        ("address__gte", COLLINGWOOD, "BC"),
        ("address__lt", COLLINGWOOD, "A"),
        ("address__lte", COLLINGWOOD, "AB"),
        ("address__range", (FITZROY, COLLINGWOOD), "AB"),
        ("previous", [NOWHERE, FITZROY], "C"),
        ("previous", [], "B"),
        ("previous__isnull", True, "D"),
        ("previous__in", [[], [COLLINGWOOD, None]], "AB"),
        ("previous__contains", [FITZROY], "C"),
        ("previous__contained_by", [FITZROY, NOWHERE, COLLINGWOOD], "BC"),
        ("previous__overlap", [COLLINGWOOD, NOWHERE], "AC"),
        ("previous__len", 2, "AC"),
        ("previous__0", COLLINGWOOD, "A"),
        ("previous__0__suburb", "Collingwood", "A"),
        ("previous__1__isnull", True, "ABD"),
        ("previous__0_1", [NOWHERE], "C"),
        ("previous__any__suburb", "Fitzroy", "C"),
        ("previous__any__suburb__startswith", "C", "A"),
        ("previous__any__since__year__in", [2020, 2021], "AC"),
        ("previous__any", FITZROY, "C"),
        ("previous__any__isnull", True, "A"),
        ("previous__any__suburb", None, "AC"),
        ("previous__any__suburb", F("address__suburb"), ""),
        ("previous__any__street", F("address__street"), "C"),
        ("friend__previous__any__number__gt", 5, "B"),
    ],
    ids=str,
)  # fmt: skip
def test_lookups_find_what_they_say(people, lookup, value, expected):
    assert names(**{lookup: value}) == expected


@pytest.mark.parametrize(
    ("lookup", "value", "expected"),
    [
        ("address__suburb", "Fitzroy", "BCD"),
        ("address", FITZROY, "BCD"),
        ("address__isnull", True, "ABC"),
        ("address__in", [FITZROY], "BCD"),
        ("previous__any__suburb", "Fitzroy", "ABD"),
    ],
    ids=str,
)
def test_exclude_is_the_opposite_with_nulls_too(people, lookup, value, expected):
    assert names(~Q(**{lookup: value})) == expected


def test_members_are_reached_to_any_depth():
    tag = Tag("a", [Point(1, 2), Point(3, 4)], {"k": {"n": [7]}})
    Map.objects.create(
        place=Place("home", Point(5), tag, [tag], 8), grid=[[Point(6)]], legends=[tag]
    )

    for condition in [
        {"place__point__x": 5},
        {"place__point": Point(5)},
        {"place__label": "home"},
        {"place__select__lt": 9},
        {"place__tag__notes__k__n__0": 7},
        {"place__tag__notes__k": {"n": [7]}},
        {"place__tag__notes__has_key": "k"},
        {"place__tag__points__1__y": 4},
        {"place__tag__points__any__x": 3},
        {"place__tags__0__points__0__x": 1},
        {"place__tags__any__points__any__x": 3},
        {"place__tags__any__notes__k__n__0": 7},
        {"grid__0__0__x": 6},
        {"grid__any__x": 6},
        {"grid": [[Point(6)]]},
        {"legends__any__points__contains": [Point(3, 4)]},
        {"place__tag__in": [tag]},
    ]:
        assert Map.objects.filter(**condition).exists(), condition
        assert not Map.objects.exclude(**condition).exists(), condition


def test_any_element_works_for_arrays_of_anything():
    Thing.objects.create(value=Everything(numbers=[1, 5]))

    assert Thing.objects.filter(value__numbers__any__gt=4).count() == 1
    assert Thing.objects.filter(value__numbers__any__gt=5).count() == 0


@pytest.mark.parametrize(
    ("lookup", "message"),
    [
        pytest.param(
            "address__suburbs",
            "testapp.Address has no member or lookup 'suburbs'; its members are "
            "street, suburb, number, since.",
            id="member",
        ),
        pytest.param(
            "previous__any__town",
            "testapp.Address has no member or lookup 'town'; its members are "
            "street, suburb, number, since.",
            id="any",
        ),
        pytest.param(
            "previous__0__town__startswith",
            "testapp.Address has no member or lookup 'town'; its members are "
            "street, suburb, number, since.",
            id="element",
        ),
    ],
)
def test_an_unknown_member_is_refused_with_the_members_that_there_are(lookup, message):
    with pytest.raises(FieldError) as caught:
        Person.objects.filter(**{lookup: "x"})

    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("lookup", "error"),
    [
        pytest.param({"address__isnull": 1}, ValueError, id="isnull"),
        pytest.param({"previous__any__gt": None}, ValueError, id="none"),
        pytest.param({"previous__any__suburb__nope": 1}, FieldError, id="any"),
    ],
)
def test_lookups_are_refused_as_django_refuses_them(lookup, error):
    with pytest.raises(error):
        Person.objects.filter(**lookup).exists()


def test_some_element_is_nothing_to_select():
    with pytest.raises(FieldError, match="can be filtered by, not selected"):
        list(Person.objects.values("previous__any__suburb"))


@pytest.mark.parametrize("value", [5, "Fitzroy", (1, 2), Point()], ids=repr)
def test_a_value_of_another_kind_is_refused(value):
    expected = (
        r"testapp\.Person\.address \(testapp\.Address\): expected Address or a mapping"
    )

    with pytest.raises(ValueTypeError, match=expected):
        Person.objects.filter(address=value)
    with pytest.raises(ValueTypeError, match=expected):
        Person.objects.create(address=value)


@pytest.mark.parametrize(
    ("member", "message"),
    [
        pytest.param(
            {"small": "many"},
            "Field 'small' expected a number but got 'many'.",
            id="int",
        ),
        pytest.param(
            {"date": "soon"},
            "“soon” value has an invalid date format. It must be in YYYY-MM-DD format.",
            id="date",
        ),
        pytest.param(
            {"data": {"a": float("nan")}},
            "Out of range float values are not JSON compliant",
            id="json",
        ),
        pytest.param(
            {"binary": object},
            "Object of type type is not JSON serializable",
            id="binary",
        ),
    ],
)
def test_a_member_that_does_not_fit_is_named(member, message):
    [name] = member
    with pytest.raises(ValidationError) as caught:
        Thing.objects.create(value=Everything(**member))

    [text] = caught.value.messages
    assert text.startswith(f"testapp.Everything.{name}: {message}")


def test_texts_that_are_translated_when_they_are_used_are_written():
    Person.objects.create(address=Address(gettext_lazy("Street")))

    assert Person.objects.get().address.street == "Street"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"char": "toolong"}, id="text"),
        pytest.param({"small": 2**15}, id="number"),
        pytest.param({"decimal": 10**25}, id="decimal"),
    ],
)
@pytest.mark.parametrize("alias", ["default", "other"], ids=["plain", "prepared"])
@pytest.mark.django_db(databases=["default", "other"])
def test_overflow_raises_and_never_truncates(value, alias):
    things = Thing.objects.using(alias)
    things.create()

    for write in (
        lambda: things.create(value=Everything(**value)),
        lambda: things.bulk_create([Thing(value=Everything(**value)), Thing()]),
        lambda: things.update(**{f"value__{k}": x for k, x in value.items()}),
    ):
        with pytest.raises(DataError), transaction.atomic(using=alias):
            write()


def test_values_and_expressions_give_members_and_whole_values(people):
    ann = Person.objects.filter(name="Ann")

    assert ann.values_list("address", "address__since", "previous__0__suburb").get() == (
        FITZROY, FITZROY.since, "Collingwood",
    )  # fmt: skip
    assert ann.values("address").get() == {"address": FITZROY}
    assert ann.values_list("previous", flat=True).get() == [COLLINGWOOD, None]
    assert ann.annotate(
        s=F("address__suburb"),
        low=Lower("address__suburb"),
        moved=Coalesce(F("previous__0"), F("address")),
        here=Value(NOWHERE),
        all=Value([NOWHERE]),
        which=Case(When(address__number=3, then=Value(COLLINGWOOD)), default="address"),
    ).values_list("s", "low", "moved", "here", "all", "which").get() == (
        "Fitzroy", "fitzroy", COLLINGWOOD, NOWHERE, [NOWHERE], COLLINGWOOD,
    )  # fmt: skip


def test_subqueries_compare_and_deliver_values(people):
    inner = Person.objects.filter(friend=OuterRef("pk"))

    assert names(address__in=Person.objects.filter(name="Ann").values("address")) == "A"
    assert (
        names(address=Subquery(Person.objects.filter(name="Bob").values("address")[:1]))
        == "B"
    )
    assert names(Exists(inner.filter(address__gt=OuterRef("address")))) == "A"
    ann = Person.objects.annotate(
        theirs=Subquery(inner.values("address")[:1]),
        suburb=Subquery(inner.values("address__suburb")[:1]),
    ).get(name="Ann")
    assert (ann.theirs, ann.suburb) == (COLLINGWOOD, "Collingwood")


def test_aggregates_and_grouping_work_on_members_and_values(people):
    Person.objects.create(name="Eve", address=FITZROY)

    assert Person.objects.aggregate(
        Max("address__number"), Avg("address__number"), n=Count("address")
    ) == {"address__number__max": 10, "address__number__avg": 16 / 3, "n": 4}
    assert dict(
        Person.objects.values_list("address__suburb").annotate(n=Count("pk"))
    ) == {"Fitzroy": 2, "Collingwood": 1, None: 2}
    grouped = Person.objects.values_list("address").annotate(n=Count("pk"))
    assert list(grouped.order_by("address")) == [
        (FITZROY, 2), (COLLINGWOOD, 1), (NOWHERE, 1), (None, 1),
    ]  # fmt: skip
    assert list(grouped.filter(n=2)) == [(FITZROY, 2)]
    whole = Person.objects.annotate(n=Count("person")).order_by("name")
    assert [(p.address, p.n) for p in whole][:2] == [(FITZROY, 1), (COLLINGWOOD, 0)]


def test_array_agg_gives_values(people):
    found = Person.objects.aggregate(all=ArrayAgg("address", order_by="name"))

    assert found == {"all": [FITZROY, COLLINGWOOD, NOWHERE, None]}
    by_friend = Person.objects.values_list("friend__name").annotate(
        all=ArrayAgg("address", order_by="name")
    )
    assert dict(by_friend)["Ann"] == [COLLINGWOOD]


TEN, TWO, NONE = Point(10), Point(2), None


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda q: [t.legend for t in q.order_by("legend")], id="models"),
        pytest.param(lambda q: q.order_by("legend").values_list("legend", flat=True), id="values"),
        pytest.param(lambda q: q.order_by(F("legend").asc(nulls_last=True)).values_list("legend", flat=True), id="expression"),
        pytest.param(lambda q: q.annotate(v=F("legend")).order_by("v").values_list("v", flat=True), id="annotation"),
        pytest.param(lambda q: q.order_by("legend").values_list("legend", flat=True).distinct(), id="distinct"),
        pytest.param(lambda q: q.union(q).order_by("legend").values_list("legend", flat=True), id="union"),
        pytest.param(lambda q: q.values_list("legend", flat=True).union(q.values_list("legend", flat=True)).order_by("legend"), id="union-of-values"),
        pytest.param(lambda q: q.order_by("-legend").reverse().values_list("legend", flat=True), id="reverse"),
        pytest.param(lambda q: q.distinct("legend").order_by("legend").values_list("legend", flat=True), id="distinct-on"),
        pytest.param(lambda q: [v for v, in q.order_by("legend__points", "legend__name").values_list("legend")], id="members"),
    ],
)  # fmt: skip
def test_values_are_sorted_as_postgresql_sorts_them(read):
    values = [Tag("a", [Point(2)]), Tag("a", [Point(10)]), None]
    Map.objects.bulk_create(Map(legend=value) for value in reversed(values))

    assert list(read(Map.objects.all())) == values


def test_arrays_are_sorted_as_postgresql_sorts_them():
    Map.objects.bulk_create(Map(grid=[[Point(x)]]) for x in (10, 2))

    found = Map.objects.order_by("grid").values_list("grid", flat=True)

    assert list(found) == [[[Point(2)]], [[Point(10)]]]


def test_one_member_is_updated(people):
    Person.objects.filter(name="Ann").update(
        address__suburb="Carlton", address__number=F("address__number") + 1, name="Abe"
    )
    Person.objects.filter(name="Cat").update(previous__0__suburb="Richmond")
    Person.objects.filter(name="Dan").update(address__number=None)

    abe = Person.objects.get(name="Abe")
    assert abe.address == Address("1 High St", "Carlton", 4, FITZROY.since)
    assert Person.objects.get(name="Cat").previous[0] == Address("x", "Richmond")
    # PostgreSQL makes a value of NULL whose one member is set.
    assert Person.objects.get(name="Dan").address == Address(None)
    assert names(address__suburb="Collingwood") == "B"


def test_members_are_updated_to_any_depth_and_in_parents():
    tag = Tag("a", [Point(1)])
    Map.objects.create(place=Place("home", Point(1, 2), tag, [tag]), legend=tag)
    Employee.objects.create(name="Eve", address=FITZROY)

    Map.objects.update(
        place__label="work",
        place__point__x=5,
        place__tag__points__0__y=7,
        place__tag__notes={"a": 1},
        legend__points=[Point(4)],
    )
    Employee.objects.update(address__suburb="Carlton", office=NOWHERE)

    found = Map.objects.get()
    assert found.place == Place(
        "work", Point(5, 2), Tag("a", [Point(1, 7)], {"a": 1}), [tag]
    )
    assert found.legend == Tag("a", [Point(4)])
    assert Employee.objects.get().address.suburb == "Carlton"
    assert Employee.objects.get().office == NOWHERE


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("address__town", "no member 'town'; it has street", id="member"),
        pytest.param(
            "address__suburb__x", "'x' is no member that could be set", id="deep"
        ),
        pytest.param("previous__0", "or the whole array", id="element"),
    ],
)
def test_what_cannot_be_updated_is_refused(name, message):
    with pytest.raises(FieldError, match=message):
        Person.objects.update(**{name: 1})


def test_other_unknown_names_stay_djangos_affair():
    with pytest.raises(Exception, match="has no field named 'nope__x'"):
        Person.objects.update(nope__x=1)


def test_bulk_create_sends_one_array_per_column(django_assert_num_queries):
    rows = [
        Person(name="Ann", address=FITZROY, previous=[FITZROY, None]),
        Person(name="Bob", address=None, previous=None),
        Person(name="Cat", address=NOWHERE, previous=[]),
    ]

    with django_assert_num_queries(1) as queries:
        made = Person.objects.bulk_create(rows)

    assert "ROWS FROM" in queries[0]["sql"]
    assert [p.pk for p in made] == [p.pk for p in Person.objects.order_by("name")]
    found = Person.objects.order_by("name").values_list("address", "previous")
    assert list(found) == [(FITZROY, [FITZROY, None]), (None, None), (NOWHERE, [])]


def test_bulk_create_falls_back_to_rows_beside_expressions(django_assert_num_queries):
    rows = [
        Person(name="Ann", address=Value(FITZROY)),
        Person(name="Bob", address=NOWHERE),
    ]

    with django_assert_num_queries(1) as queries:
        Person.objects.bulk_create(rows)

    assert "ROWS FROM" not in queries[0]["sql"]
    assert names(address=FITZROY) + names(address=NOWHERE) == "AB"


def test_bulk_create_falls_back_to_rows_beside_other_arrays(django_assert_num_queries):
    rows = [Labelled(point=Point(1), labels=["a"]), Labelled(labels=[])]

    with django_assert_num_queries(1) as queries:
        Labelled.objects.bulk_create(rows)

    assert "ROWS FROM" not in queries[0]["sql"]
    assert [(r.point, r.labels) for r in Labelled.objects.order_by("pk")] == [
        (Point(1), ["a"]), (None, []),
    ]  # fmt: skip


def test_bulk_create_with_conflicts_updates_or_ignores():
    Constrained.objects.create(code=1, point=Point(1, 1))
    rows = [Constrained(code=1, point=Point(5, 5)), Constrained(code=2, point=Point(6))]

    Constrained.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["code"], update_fields=["point"]
    )
    Constrained.objects.bulk_create(
        [Constrained(code=1, point=Point(9))], ignore_conflicts=True
    )

    assert [c.point for c in Constrained.objects.all()] == [Point(5, 5), Point(6)]


def test_bulk_update_writes_values(people):
    people = list(Person.objects.order_by("name"))
    for person, value in zip(
        people, [NOWHERE, None, FITZROY, COLLINGWOOD], strict=True
    ):
        person.address = value
        person.previous = [value]

    Person.objects.bulk_update(people, ["address", "previous"])

    found = Person.objects.order_by("name").values_list("address", "previous")
    assert list(found) == [(v, [v]) for v in [NOWHERE, None, FITZROY, COLLINGWOOD]]


def test_save_in_all_its_ways(people):
    person = Person.objects.get(name="Ann")
    person.address.suburb = "Carlton"
    person.save()
    person.refresh_from_db()
    assert person.address.suburb == "Carlton"

    person.address = {"street": "mapped"}
    person.save(update_fields=["address"])
    assert Person.objects.get(name="Ann").address == Address("mapped")

    Person.objects.update_or_create(name="Ann", defaults={"address": FITZROY})
    Person.objects.filter(name="Bob").update(address=FITZROY)
    assert names(address=FITZROY) == "AB"
    Person.objects.update(address=None)
    assert names(address__isnull=True) == "ABCD"


def test_an_untouched_value_is_read_and_written_without_being_decoded(people):
    person = Person.objects.get(name="Ann")

    person.save()

    assert isinstance(person.address._stored, str)
    assert Person.objects.get(name="Ann").address == FITZROY


def test_iterator_defer_only_and_locks_work(people):
    *_, third, _ = Person.objects.order_by("name").iterator(2)
    assert third.address == NOWHERE
    assert Person.objects.defer("address").get(name="Ann").address == FITZROY
    assert Person.objects.only("address").get(name="Ann").address == FITZROY
    with transaction.atomic():
        locked = Person.objects.select_for_update(of=["self"]).get(name="Ann")
    assert locked.address == FITZROY
    assert (
        Person.objects.select_related("friend").get(name="Bob").friend.address
        == FITZROY
    )
    assert (
        Person.objects.prefetch_related("person_set")
        .get(name="Ann")
        .person_set.get()
        .address
        == COLLINGWOOD
    )
    assert Person.objects.in_bulk([person.pk for person in Person.objects.all()])
    assert list(
        Person.objects.order_by("name").reverse()[:1].values_list("address")
    ) == [(None,)]
    assert Person.objects.filter(address__suburb="Fitzroy").explain()


def test_queries_are_pickled(people):
    query = Person.objects.filter(
        address__suburb__startswith="F", previous__any__suburb="Collingwood"
    ).annotate(low=Lower("address__suburb"), v=Value(FITZROY))
    sql = str(query.query)

    query.query = pickle.loads(pickle.dumps(query.query))

    assert str(query.query) == sql
    assert query.get().v == FITZROY
    assert pickle.loads(pickle.dumps(query)).get().address == FITZROY


def test_equal_expressions_are_equal():
    one, two = (
        Person.objects.filter(previous__any__suburb="x").query for _ in range(2)
    )

    assert one.where == two.where
    assert one.where != Person.objects.filter(previous__any__street="x").query.where


def test_raw_queries_give_values_by_name_with_one_look_at_the_catalog(
    people, django_assert_num_queries
):
    with django_assert_num_queries(2):
        found = list(
            Person.objects.raw(
                "SELECT id, name, address FROM testapp_person ORDER BY name"
            )
        )

    assert [p.address for p in found] == [FITZROY, COLLINGWOOD, NOWHERE, None]


@pytest.mark.django_db(transaction=True)
def test_the_async_api_works():
    async def story():
        made = await Person.objects.acreate(name="Ann", address=FITZROY)
        await Person.objects.filter(pk=made.pk).aupdate(address__suburb="Carlton")
        found = await Person.objects.aget(address__suburb="Carlton")
        found.address.number = 5
        await found.asave()
        return [p.address.number async for p in Person.objects.all()]

    assert async_to_sync(story)() == [5]


def test_constraints_indexes_and_generated_columns_use_members():
    made = Constrained.objects.create(code=1, point=Point(3, 4))

    assert (made.x, made.copy) == (3, Point(3, 4))
    assert made.home == Point(1, 2)
    assert Constrained.objects.get(x=3, copy__y=4).copy == Point(3, 4)
    with pytest.raises(IntegrityError, match="x_not_negative"), transaction.atomic():
        Constrained.objects.create(code=2, point=Point(-1))
    with pytest.raises(IntegrityError, match="unique_point"), transaction.atomic():
        Constrained.objects.create(code=2, point=Point(3, 4))
    with pytest.raises(ValidationError, match="x_not_negative"):
        Constrained(code=2, point=Point(-1)).validate_constraints()
    with pytest.raises(ValidationError, match="unique_point"):
        Constrained(code=2, point=Point(3, 4)).validate_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Constrained.objects.filter(point__y=4).order_by().explain()
    assert "index_y" in plan


@pytest.mark.django_db(databases=["default", "other"])
def test_several_databases_are_served():
    Person.objects.using("other").create(name="Ann", address=FITZROY)
    Person.objects.create(name="Bob", address=COLLINGWOOD)

    found = Person.objects.using("other").get()
    found.save(using="default")

    assert found.address == FITZROY
    assert names(address__suburb="Fitzroy") == "A"
    [raw] = Person.objects.using("other").raw("SELECT * FROM testapp_person")
    assert raw.address == FITZROY
