"""Queries, fixtures and other models give and take the same value."""

from __future__ import annotations

import json

import pytest
from django.contrib.postgres.aggregates import ArrayAgg
from django.core import serializers
from django.db import connection
from django.db.models import Case, Count, F, Func, Value, When

from .testapp.models import (
    Child,
    Concrete,
    Defaulted,
    Flag,
    Item,
    Loose,
    Optional,
    Proxy,
    Size,
)

BOTH = [Flag.DEFECT, Flag.DOCS]


@pytest.mark.django_db
def test_expressions_pass():
    item = Item.objects.create(flags=["docs"])
    other = Loose.objects.create(flags=["docs", "zz"])

    item.flags = Case(When(name="", then=Value(BOTH, Item._meta.get_field("flags"))))
    item.save()
    item.refresh_from_db()
    assert item.flags == BOTH

    Item.objects.update(flags=Func(F("flags"), Value("docs"), function="array_remove"))
    assert Item.objects.get().flags == [Flag.DEFECT]
    Item.objects.update(flags=F("flags"))

    assert (
        Loose.objects.get(flags__contains=[F("name")] if other.name else "zz") == other
    )
    assert not Item.objects.filter(flags__contains=[F("name")]).exists()
    assert Item.objects.filter(flags__overlap=F("flags")).exists()
    assert Item.objects.filter(flags__in=Item.objects.values("flags")).exists()
    assert not Item.objects.filter(flags__in=[None]).exists()
    assert Item.objects.filter(flags__0="defect").exists()
    assert Item.objects.exclude(flags__contains="docs").exists()


@pytest.mark.django_db
def test_queries_return_members():
    Item.objects.create(flags=BOTH, name="a")
    Item.objects.create(flags=["docs", "enhancement"], name="a")
    base_field = Item._meta.get_field("flags").base_field

    assert Item.objects.values_list("flags", flat=True)[0] == BOTH
    assert type(Item.objects.values("flags")[0]["flags"][0]) is Flag
    assert type(Item.objects.annotate(x=F("flags")).first().x[0]) is Flag
    unnested = Func(F("flags"), function="unnest", output_field=base_field)
    counts = Item.objects.values(flag=unnested).annotate(n=Count("pk")).order_by("flag")
    assert [(row["flag"], row["n"]) for row in counts] == [
        (Flag.DEFECT, 1),
        (Flag.DOCS, 2),
        (Flag.ENHANCEMENT, 1),
    ]
    found = Item.objects.values("name").aggregate(all=ArrayAgg("flags", order_by="pk"))
    assert found["all"] == [BOTH, [Flag.DOCS, Flag.ENHANCEMENT]]
    assert type(found["all"][0][0]) is Flag


@pytest.mark.django_db
def test_what_another_program_wrote_is_canonical_when_it_is_read():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO testapp_loose (name, flags, sizes)"
            " VALUES ('', '{docs,zz,defect,docs,NULL}', '{10,9,77}'),"
            " ('square', '{{docs,defect},{docs,zz}}', '{}')"
        )

    loose, square = Loose.objects.order_by("pk")

    assert square.flags == [["docs", "defect"], ["docs", "zz"]]
    assert loose.flags == [Flag.DEFECT, Flag.DOCS, "zz", None]
    assert loose.sizes == [Size.SMALL, Size.LARGE, 77]


@pytest.mark.django_db
def test_a_database_default_is_a_member_too():
    found = Defaulted.objects.create()
    found.refresh_from_db()

    assert found.flags == BOTH
    assert [field.name for field in found._meta.fields if field.has_db_default()] == [
        "flags"
    ]


@pytest.mark.django_db
def test_models_inherit_the_field():
    child = Child.objects.create(flags={"docs"}, sizes={9})

    assert Proxy.objects.get() == Proxy(pk=child.pk)
    assert Proxy.objects.get(flags__contains="docs").sizes == [Size.SMALL]
    assert Concrete.objects.get().get_flags_display() == "Documentation"
    assert Concrete._meta.get_field("flags").model is Concrete


@pytest.mark.django_db
def test_a_deferred_field_is_read_when_it_is_asked_for():
    Item.objects.create(flags=BOTH)
    item = Item.objects.defer("flags").get()

    assert item.get_deferred_fields() == {"flags"}
    assert item.flags == BOTH


@pytest.mark.django_db
@pytest.mark.parametrize("values", [["docs", "defect"], '["docs", "defect"]'], ids=str)
def test_a_fixture_may_hold_a_list_or_its_json(values):
    row = {"model": "testapp.item", "fields": {"flags": values}}

    [loaded] = serializers.deserialize("json", json.dumps([row]))

    assert loaded.object.flags == BOTH


@pytest.mark.django_db
@pytest.mark.parametrize("format", ["json", "jsonl", "yaml", "xml"])
@pytest.mark.parametrize("flags", [None, [], BOTH], ids=str)
def test_null_goes_through_every_format(format, flags):
    row = Optional.objects.create(flags=flags)

    [again] = serializers.deserialize(format, serializers.serialize(format, [row]))

    assert again.object.flags == flags


@pytest.mark.django_db
def test_a_broken_fixture_says_what_is_wrong():
    row = [{"model": "testapp.item", "fields": {"flags": "docs"}}]

    with pytest.raises(
        serializers.base.DeserializationError, match="Enter a list of values"
    ):
        [*serializers.deserialize("json", json.dumps(row))]


def test_it_is_written_as_json_also_when_it_does_not_fit():
    field = Item._meta.get_field("flags")

    assert field.value_to_string(Item(flags=BOTH)) == '["defect", "docs"]'
    assert field.value_to_string(Item(flags=None)) == "null"
    assert field.to_python("null") is None
