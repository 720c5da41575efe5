from __future__ import annotations

import django_filters
import pytest
from django.http import QueryDict
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.rest_framework import FilterSet as RestFilterSet
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers, viewsets
from rest_framework.routers import SimpleRouter

from choice_array_field import ChoiceArrayField
from choice_array_field.filters import MembersFilter, install
from tests.shop.models import Box, Flag, Item

DEFECT, ENHANCEMENT, DOCS = Flag


@pytest.fixture
def items(db):
    made = [
        Item(title="a", flags=[DEFECT], days=["2026-03-01"]),
        Item(title="b", flags=[DOCS, DEFECT], sizes=[1], weights=["1.5"]),
        Item(title="c", flags=[DOCS]),
        Item(title="d"),
    ]
    return Item.objects.bulk_create(made)


def filter_set(fields, base=django_filters.FilterSet):
    meta = type("Meta", (), {"model": Item, "fields": fields})
    return type("ItemFilterSet", (base,), {"Meta": meta})


ALL = filter_set(
    {
        "flags": ["exact", "contains", "contained_by", "overlap"],
        "sizes": ["exact", "isnull", "len"],
        "weights": ["exact"],
        "days": ["exact"],
    }
)


def titles(query, kind=ALL):
    found = kind(QueryDict(query), Item.objects.all())
    assert found.is_valid(), found.errors
    return "".join(item.title for item in found.qs)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", "abcd", id="nothing"),
        pytest.param("flags=docs", "bc", id="one"),
        pytest.param("flags=docs&flags=defect", "abc", id="any"),
        pytest.param("flags__overlap=docs&flags__overlap=defect", "abc", id="overlap"),
        pytest.param("flags__contains=docs&flags__contains=defect", "b", id="all"),
        pytest.param("flags__contained_by=docs", "cd", id="nothing else"),
        pytest.param("sizes=1", "b", id="number"),
        pytest.param("sizes__isnull=true", "acd", id="null"),
        pytest.param("sizes__len=1", "b", id="transform"),
        pytest.param("weights=1.5", "b", id="decimal"),
        pytest.param("days=2026-03-01", "a", id="date in a group"),
    ],
)
def test_members_filter_the_query_set(items, query, found):
    assert titles(query) == found


@pytest.mark.parametrize("query", ["flags=planet", "sizes=x", "flags=%00", "days=1"])
def test_what_is_no_choice_is_refused(items, query):
    found = ALL(QueryDict(query), Item.objects.all())

    assert not found.is_valid()
    assert "is not one of the available choices" in str(found.errors)


def test_the_form_shows_the_choices_as_checkboxes():
    html = str(filter_set(["flags", "days"])().form)

    assert html.count('type="checkbox"') == 5
    assert "Documentation, all of it" in html
    assert "Autumn" in html
    assert "Flags:" in html


def test_the_filter_of_rest_framework_is_the_same(items):
    kind = filter_set(["flags"], RestFilterSet)

    assert isinstance(kind.base_filters["flags"], MembersFilter)
    assert titles("flags=docs", kind) == "bc"


def test_a_filter_of_ones_own_follows_a_relation(items):
    class BoxFilterSet(django_filters.FilterSet):
        flags = MembersFilter(field_name="items__flags")

        class Meta:
            model = Box
            fields = []

    tools = Box.objects.create(name="tools")
    Box.objects.create(name="toys")
    Item.objects.update(box=tools)

    found = BoxFilterSet(QueryDict("flags=docs&flags=defect"), Box.objects.all())

    assert [box.name for box in found.qs] == ["tools"]


def test_members_are_excluded(items):
    class Other(django_filters.FilterSet):
        flags = MembersFilter(exclude=True)

    found = Other(QueryDict("flags=docs"), Item.objects.all())

    assert [item.title for item in found.qs] == ["a", "d"]


def test_a_lookup_without_a_filter_is_refused_by_django_filter():
    with pytest.raises(
        ValueError, match=r"^'flags' has no filter for the lookup 'in'; "
    ):
        filter_set({"flags": ["in"]})


def test_rows_without_a_member_have_a_choice_of_their_own(items):
    class Labelled(django_filters.FilterSet):
        sizes = MembersFilter(null_label="None of them")

        class Meta:
            model = Item
            fields = []

    assert "None of them" in str(Labelled().form)
    assert titles("sizes=null", Labelled) == "acd"
    assert titles("sizes=null&sizes=1", Labelled) == "abcd"
    assert titles("sizes=1", Labelled) == "b"
    Item.objects.filter(title="a").update(sizes=[])
    assert titles("sizes=null", Labelled) == "acd", "empty counts as well as NULL"


def test_conjoined_asks_for_all_members(items):
    class Conjoined(django_filters.FilterSet):
        flags = MembersFilter(conjoined=True)

        class Meta:
            model = Item
            fields = []

    assert titles("flags=docs&flags=defect", Conjoined) == "b"


def test_the_projects_own_filter_wins():
    class Own(django_filters.CharFilter):
        pass

    overrides = {ChoiceArrayField: {"filter_class": Own}}
    meta = {"model": Item, "fields": ["flags"], "filter_overrides": overrides}
    kind = type("Kind", (django_filters.FilterSet,), {"Meta": type("Meta", (), meta)})

    assert type(kind.base_filters["flags"]) is Own


def test_the_parameter_in_the_schema_is_a_list_of_members():
    class Declared(RestFilterSet):
        both = MembersFilter(field_name="flags", lookup_expr="contains")

        class Meta:
            model = Item
            fields = ["flags"]

    class Items(viewsets.ReadOnlyModelViewSet):
        queryset = Item.objects.all()
        serializer_class = type(
            "Serializer",
            (serializers.ModelSerializer,),
            {"Meta": type("Meta", (), {"model": Item, "fields": ["flags"]})},
        )
        filter_backends = [DjangoFilterBackend]
        filterset_class = Declared
        schema = AutoSchema()

    router = SimpleRouter()
    router.register("items", Items)

    schema = SchemaGenerator(patterns=router.urls).get_schema(public=True)

    parameters = {
        each["name"]: each for each in schema["paths"]["/items/"]["get"]["parameters"]
    }
    for name in ("flags", "both"):
        assert parameters[name]["schema"] == {
            "type": "array",
            "items": {"type": "string", "enum": sorted(Flag.values)},
        }


def test_other_fields_have_the_filters_they_had():
    filters = filter_set(["title"]).base_filters

    assert type(filters["title"]) is django_filters.CharFilter


def test_the_filter_is_installed_once():
    before = dict(django_filters.FilterSet.FILTER_DEFAULTS)

    install()

    assert before == django_filters.FilterSet.FILTER_DEFAULTS
