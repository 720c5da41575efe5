from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.db import models
from django.test.utils import isolate_apps
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers, viewsets
from rest_framework.metadata import SimpleMetadata
from rest_framework.renderers import HTMLFormRenderer
from rest_framework.routers import SimpleRouter
from rest_framework.utils.serializer_helpers import ReturnDict

from choice_array_field import ChoiceArrayField
from choice_array_field.drf import ChoiceArraySerializerField, install
from tests.shop.models import Flag, Item, Size

DEFECT, ENHANCEMENT, DOCS = Flag


class ItemSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = ["title", "flags", "loose", "sizes", "weights", "days", "hours"]


class ShownSerializer(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = ["flags", "sizes", "days"]


class ItemViewSet(viewsets.ModelViewSet):
    queryset = Item.objects.all()
    serializer_class = ShownSerializer
    schema = AutoSchema()


def sent(**data):
    return ItemSerializer(data={"title": "A", **data})


def test_members_are_shown_in_declared_order():
    item = Item(
        flags=[DOCS, DEFECT],
        sizes=[Size.MIDDLE, Size.LARGE],
        weights=["1.50"],
        days=["2026-09-01"],
        hours=[datetime.datetime(2026, 1, 1, 21, tzinfo=datetime.timezone.utc)],
    )

    shown = ItemSerializer(item).data

    assert shown["flags"] == ["defect", "docs"]
    assert shown["sizes"] == [3, 2]
    assert shown["weights"] == ["1.50"]
    assert shown["days"] == ["2026-09-01"]
    assert shown["hours"] == ["2026-01-02T08:00:00+11:00"]


def test_values_outside_the_choices_and_null_are_shown():
    shown = ItemSerializer(Item(loose=["old", DOCS], sizes=None)).data

    assert shown["loose"] == ["docs", "old"]
    assert shown["sizes"] is None


def test_a_callable_is_asked_once_per_request_however_many_items_it_has():
    calls = []

    def current():
        calls.append(1)
        return [("a", "A"), ("b", "B")]

    with isolate_apps("tests.shop"):

        class Tagged(models.Model):
            tags = ChoiceArrayField(models.CharField(choices=current), enforce=False)

            class Meta:
                app_label = "shop"

            def __str__(self):
                return str(self.tags)

    class Body(serializers.ModelSerializer):
        class Meta:
            model = Tagged
            fields = ["tags"]

    calls.clear()
    body = Body(
        data=[{"tags": ["a", "b"] * 50}] * 50 + [{"tags": ["c"] * 100}], many=True
    )

    assert not body.is_valid()
    assert body.errors[50] == {"tags": ['"c" is not a valid choice.'] * 5}
    assert len(calls) == 1
    shown = Body([Tagged(tags=["b", "a"])] * 50, many=True).data
    assert shown[49] == {"tags": ["a", "b"]}
    assert len(calls) == 2, "each serializer asks once"


@pytest.mark.django_db
def test_members_are_saved_once_each():
    serializer = sent(
        flags=["docs", "defect", "docs"],
        sizes=[2, "3", 2],
        weights=["1.50", 12],
        days=["2026-09-01"],
        hours=["2026-01-02T07:00:00+10:00"],
    )

    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data["flags"] == [DEFECT, DOCS]
    serializer.save()
    item = Item.objects.get()
    assert item.flags == [DEFECT, DOCS]
    assert item.sizes == [Size.MIDDLE, Size.LARGE]
    assert item.weights == [Decimal("1.5"), Decimal(12)]
    assert item.days == [datetime.date(2026, 9, 1)]
    assert item.hours[0].hour == 21


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        pytest.param(
            {"flags": ["dosc", "defect", "enhancemnt"]},
            [
                '"dosc" is not a valid choice. Did you mean “docs”?',
                '"enhancemnt" is not a valid choice. Did you mean “enhancement”?',
            ],
            id="every value",
        ),
        pytest.param(
            {"flags": "docs"},
            ['Expected a list of items but got type "str".'],
            id="text",
        ),
        pytest.param(
            {"flags": {"docs": 1}},
            ['Expected a list of items but got type "dict".'],
            id="object",
        ),
        pytest.param(
            {"flags": 3},
            ['Expected a list of items but got type "int".'],
            id="number",
        ),
        pytest.param(
            {"flags": None}, ["This field may not be null."], id="null where none is"
        ),
        pytest.param(
            {"sizes": [1.5]},
            ['"1.5" is not a valid choice.'],
            id="fraction",
        ),
        pytest.param(
            {"days": ["2026-03-01", "2026-09-01"]},
            ["Choose at most 1; 2 are chosen."],
            id="too many",
        ),
    ],
)
def test_what_is_refused_is_named(data, errors):
    serializer = sent(**data)

    assert not serializer.is_valid()
    assert list(serializer.errors.values()) == [errors]


@pytest.mark.parametrize("member", [True, None, [], {}, ["docs"], {"a": 1}, "", "\0"])
def test_nothing_but_a_choice_is_taken(member):
    serializer = sent(flags=[member], sizes=[member], days=[member])

    assert not serializer.is_valid()
    assert set(serializer.errors) == {"flags", "sizes", "days"}


def test_an_empty_list_is_refused_where_the_field_is_not_blank():
    field = ChoiceArraySerializerField(
        model_field=Item._meta.get_field("flags"), allow_empty=False
    )

    with pytest.raises(serializers.ValidationError, match="may not be empty"):
        field.run_validation([])


def test_null_is_none_where_the_field_allows_it():
    serializer = sent(sizes=None)

    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data["sizes"] is None


@pytest.mark.django_db
def test_a_patch_keeps_what_it_does_not_name():
    item = Item.objects.create(title="A", flags=[DOCS], loose=[DOCS])

    serializer = ItemSerializer(item, {"flags": ["defect"]}, partial=True)

    assert serializer.is_valid(), serializer.errors
    assert serializer.save().loose == [DOCS]
    assert item.flags == [DEFECT]


@pytest.mark.django_db
def test_a_put_of_a_value_outside_the_choices_names_it():
    item = Item.objects.create(title="A")

    serializer = ItemSerializer(item, {"title": "A", "loose": ["old"]})

    assert not serializer.is_valid()
    assert serializer.errors == {"loose": ['"old" is not a valid choice.']}


def test_the_schema_lists_the_choices():
    router = SimpleRouter()
    router.register("items", ItemViewSet)

    schema = SchemaGenerator(patterns=router.urls).get_schema(public=True)

    properties = schema["components"]["schemas"]["Shown"]["properties"]
    assert properties["flags"]["type"] == "array"
    assert properties["days"]["maxItems"] == 1
    assert properties["sizes"]["nullable"] is True
    listed = {
        name: enum(schema, properties[name]["items"])
        for name in ("flags", "sizes", "days")
    }
    assert listed == {
        "flags": ["defect", "enhancement", "docs"],
        "sizes": [1, 3, 2],
        "days": ["2026-03-01", "2026-09-01"],
    }


def enum(schema, items):
    # drf-spectacular lets the items of whatever may be null be null.
    items = items.get("oneOf", [items])[0]
    if "$ref" in items:
        items = schema["components"]["schemas"][items["$ref"].rpartition("/")[2]]
    return items["enum"]


def test_options_list_the_choices_with_labels():
    serializer = ItemSerializer()

    actions = SimpleMetadata().get_serializer_info(serializer)

    assert actions["flags"]["type"] == "multiple choice"
    assert actions["flags"]["choices"][0] == {
        "value": "defect",
        "display_name": "Defect",
    }
    assert actions["days"]["required"] is False


def test_the_browsable_form_selects_the_members():
    serializer = ItemSerializer(Item(flags=[DOCS], days=["2026-09-01"]))
    data = ReturnDict(serializer.data, serializer=serializer)

    html = HTMLFormRenderer().render(data, renderer_context={})

    assert '<option value="docs" selected' in html
    assert '<optgroup label="Autumn">' in html


def test_a_serializer_of_ones_own_declares_the_field():
    class Sent(serializers.Serializer):
        flags = ChoiceArraySerializerField(model_field=Item._meta.get_field("flags"))

    serializer = Sent(data={"flags": ["docs"]})

    assert serializer.is_valid(), serializer.errors
    assert serializer.validated_data == {"flags": [DOCS]}


def test_other_fields_are_mapped_as_before():
    assert isinstance(ItemSerializer().fields["title"], serializers.CharField)


def test_a_mapping_of_the_projects_own_wins():
    class Own(serializers.ListField):
        pass

    class Serializer(serializers.ModelSerializer):
        serializer_field_mapping = {
            **serializers.ModelSerializer.serializer_field_mapping,
            ChoiceArrayField: Own,
        }

        class Meta:
            model = Item
            fields = ["flags"]

    assert type(Serializer().fields["flags"]) is Own


def test_messages_of_the_projects_own_win():
    class Serializer(serializers.ModelSerializer):
        class Meta:
            model = Item
            fields = ["flags"]
            extra_kwargs = {
                "flags": {"error_messages": {"invalid_choice": "Not {input}!"}}
            }

    serializer = Serializer(data={"flags": ["dosc"]})

    assert not serializer.is_valid()
    assert serializer.errors == {"flags": ["Not dosc!"]}


def test_the_field_is_mapped_once():
    before = dict(serializers.ModelSerializer.serializer_field_mapping)

    install()

    assert before == serializers.ModelSerializer.serializer_field_mapping
