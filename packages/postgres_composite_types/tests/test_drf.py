from __future__ import annotations

import datetime

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers, viewsets
from rest_framework.routers import SimpleRouter

from postgres_composite_types.drf import CompositeSerializer, install, serializer_for
from tests.people.models import (
    Address,
    Line,
    Order,
    Parcel,
    Person,
    Point,
    Terms,
)

FITZROY = Address(
    "1 Smith St", "Fitzroy", "3065", since=datetime.date(2020, 1, 2), place=Point(1)
)
DATA = {
    "street": "1 Smith St",
    "suburb": "Fitzroy",
    "postcode": "3065",
    "country": "AU",
    "since": "2020-01-02",
    "is_gated": False,
    "place": {"x": 1, "y": None},
}
REQUIRED = ["This field is required."]


class PersonSerializer(serializers.ModelSerializer):
    class Meta:
        model = Person
        fields = ["name", "address", "previous"]


class ParcelSerializer(serializers.ModelSerializer):
    class Meta:
        model = Parcel
        fields = ["recipient"]


def test_values_are_shown_as_objects():
    shown = PersonSerializer(Person(name="Ana", address=FITZROY, previous=[FITZROY]))

    assert shown.data == {"name": "Ana", "address": DATA, "previous": [DATA]}


def test_no_value_is_shown_as_null():
    shown = PersonSerializer(Person(name="Ana"))

    assert shown.data == {"name": "Ana", "address": None, "previous": []}


@pytest.mark.django_db
def test_objects_are_saved_as_values():
    sent = PersonSerializer(data={"name": "Ana", "address": DATA, "previous": [DATA]})

    assert sent.is_valid(), sent.errors
    sent.save()
    person = Person.objects.get()
    assert person.address == FITZROY
    assert person.previous == [FITZROY]


def test_null_is_none_where_the_field_allows_it():
    sent = PersonSerializer(data={"name": "Ana", "address": None})

    assert sent.is_valid(), sent.errors
    assert sent.validated_data["address"] is None
    assert ParcelSerializer(data={"recipient": None}).is_valid() is False


def test_errors_are_given_by_member_at_every_level():
    wrong = {
        "street": "x" * 21,
        "country": "MX",
        "place": {"x": "left"},
        "postcode": "1",
    }

    sent = PersonSerializer(data={"name": "Ana", "address": wrong, "previous": [wrong]})

    assert not sent.is_valid()
    address = {
        "street": ["Ensure this field has no more than 20 characters."],
        "suburb": REQUIRED,
        "postcode": ["Four digits."],
        "country": ['"MX" is not a valid choice.'],
        "place": {"x": ["A valid integer is required."]},
    }
    assert sent.errors == {"address": address, "previous": {0: address}}


def test_members_with_a_default_may_be_left_out():
    sent = ParcelSerializer(data={"recipient": {"street": "1 Smith St", "suburb": "X"}})

    assert sent.is_valid(), sent.errors
    assert sent.validated_data["recipient"] == Address("1 Smith St", "X")


def patch(instance, data):
    sent = PersonSerializer(instance, data=data, partial=True)
    return sent, sent.is_valid()


def test_a_patch_keeps_the_members_that_it_does_not_name():
    person = Person(name="Ana", address=FITZROY)

    sent, is_valid = patch(person, {"address": {"suburb": "Coburg", "place": {"y": 2}}})

    assert is_valid, sent.errors
    expected = Address.Field().to_python(
        {**DATA, "suburb": "Coburg", "place": {"x": 1, "y": 2}}
    )
    assert sent.validated_data["address"] == expected


def test_a_patch_where_nothing_was_needs_the_required_members():
    sent, is_valid = patch(Person(name="Ana"), {"address": {"suburb": "Coburg"}})

    assert not is_valid
    assert sent.errors == {"address": {"street": REQUIRED}}


def test_a_patch_of_a_list_replaces_its_items():
    person = Person(name="Ana", previous=[FITZROY])

    sent, is_valid = patch(person, {"previous": [{"suburb": "Coburg"}]})

    assert not is_valid
    assert sent.errors == {"previous": {0: {"street": REQUIRED}}}


class OrderSerializer(serializers.ModelSerializer):
    class Meta:
        model = Order
        fields = ["total", "lines", "pages"]


HIDDEN = {"is_approved": False, "limit": 9999}
FIRST = Line("first", is_approved=True)
SECOND = Line("second", terms=Terms(10, 500), former_terms=[Terms(7, 300)])


def sent_line(label, days=None, former=()):
    return {
        "label": label,
        **HIDDEN,
        "terms": days and {"days": days, **HIDDEN},
        "former_terms": [{"days": each, **HIDDEN} for each in former],
    }


def saved(order, data, *, partial):
    sent = OrderSerializer(order, data=data, partial=partial)
    sent.is_valid(raise_exception=True)
    return sent.validated_data


@pytest.mark.parametrize("partial", [False, True], ids=["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("before", "data", "after"),
    [
        (FIRST, sent_line("new"), Line("new", is_approved=True)),
        (SECOND, sent_line("new", 5, [7]), Line("new", terms=Terms(5, 500), former_terms=[Terms(7, 300)])),
        (SECOND, sent_line("second"), Line("second")),
        (None, sent_line("new", 5), Line("new", terms=Terms(5))),
        (FIRST, None, None),
    ],
    ids=["of a value", "nested", "of members that go", "of nothing", "set to null"],
)  # fmt: skip
def test_members_that_are_not_editable_survive_a_request(before, data, after, partial):
    changed = saved(Order(total=before), {"total": data}, partial=partial)

    assert changed["total"] == after


@pytest.mark.parametrize("partial", [False, True], ids=["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (["first", "second"], [FIRST, SECOND]),
        (["second", "first"], [SECOND, FIRST]),
        (["second"], [SECOND]),
        (["new", "second"], [Line("new", is_approved=True), SECOND]),
        (["new", "first"], [Line("new"), FIRST]),
        (["new", "first", "second"], [Line("new"), FIRST, SECOND]),
        (["first", "first"], [FIRST, Line("first", terms=None)]),
        ([None, "first", "second"], [None, FIRST, SECOND]),
        ([], []),
    ],
    ids=[
        "as they were",
        "moved",
        "removed",
        "renamed",
        "one removed and one added",
        "added before",
        "copied",
        "null added",
        "all removed",
    ],
)
def test_items_of_a_list_keep_the_members_that_are_not_editable(
    sent, expected, partial
):
    requests = {
        None: None,
        "first": sent_line("first"),
        "second": sent_line("second", 10, [7]),
        "new": sent_line("new"),
    }
    order = Order(lines=[FIRST, SECOND], pages=[[FIRST], [SECOND]])
    data = [requests[each] for each in sent]

    assert saved(order, {"lines": data}, partial=partial)["lines"] == expected


def test_items_of_a_list_in_a_list_keep_them_too():
    order = Order(pages=[[FIRST], [SECOND]])
    data = [[sent_line("new"), sent_line("first")], [sent_line("second", 11, [7])]]

    changed = saved(order, {"pages": data}, partial=False)

    assert changed["pages"] == [
        [Line("new"), FIRST],
        [Line("second", terms=Terms(11, 500), former_terms=[Terms(7, 300)])],
    ]


def test_a_list_that_the_project_declares_keeps_them_too():
    class Declared(OrderSerializer):
        lines = serializer_for(Line)(many=True)

    order = Order(lines=[FIRST])
    sent = Declared(order, data={"lines": [sent_line("new")]})

    assert sent.is_valid(), sent.errors
    assert sent.validated_data["lines"] == [Line("new", is_approved=True)]


class Shipment:
    def __init__(self, order):
        self.order = order


class ShipmentSerializer(serializers.Serializer):
    order = OrderSerializer()


@pytest.mark.parametrize("partial", [False, True], ids=["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("serializer", "instance", "data", "expected"),
    [
        (serializer_for(Line), FIRST, sent_line("new"), Line("new", is_approved=True)),
        (
            ShipmentSerializer,
            Shipment(Order(total=FIRST, lines=[FIRST])),
            {"order": {"total": sent_line("new"), "lines": [sent_line("new")], "pages": []}},
            {"order": {"total": Line("new", is_approved=True), "lines": [Line("new", is_approved=True)], "pages": []}},
        ),
        (ShipmentSerializer, {}, {"order": {"total": sent_line("new"), "lines": [], "pages": []}}, {"order": {"total": Line("new"), "lines": [], "pages": []}}),
    ],
    ids=["alone", "nested in another", "of nothing"],
)  # fmt: skip
def test_they_survive_in_every_serializer_that_knows_its_instance(
    serializer, instance, data, expected, partial
):
    sent = serializer(instance, data=data, partial=partial)

    assert sent.is_valid(), sent.errors
    assert sent.validated_data == expected


def test_they_survive_in_a_list_that_stands_alone():
    sent = serializer_for(Line)([FIRST], data=[sent_line("new")], many=True)

    assert sent.is_valid(), sent.errors
    assert sent.validated_data == [Line("new", is_approved=True)]


def test_a_serializer_of_ones_own_changes_a_field():
    class Loud(CompositeSerializer):
        composite = Address
        suburb = serializers.SerializerMethodField()

        def get_suburb(self, address):
            return address.suburb.upper()

    assert Loud(FITZROY).data["suburb"] == "FITZROY"
    assert Loud(FITZROY).data["street"] == "1 Smith St"


def test_a_mapping_of_the_projects_own_is_left_alone(monkeypatch):
    mapping = {Person._meta.get_field("address").__class__.__mro__[1]: object}
    monkeypatch.setattr(
        serializers.ModelSerializer, "serializer_field_mapping", mapping
    )

    install()

    assert list(mapping.values()) == [object]


def test_the_schema_has_a_component_for_each_type():
    class People(viewsets.ModelViewSet):
        queryset = Person.objects.all()
        serializer_class = PersonSerializer
        schema = AutoSchema()

    router = SimpleRouter()
    router.register("people", People)

    schema = SchemaGenerator(patterns=router.urls).get_schema(public=True)

    schemas = schema["components"]["schemas"]
    assert schemas["Address"]["required"] == ["street", "suburb"]
    assert schemas["Address"]["properties"]["street"] == {
        "type": "string",
        "maxLength": 20,
    }
    assert schemas["Person"]["properties"]["previous"] == {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Address"},
    }
    assert schemas["Point"]["properties"]["x"]["type"] == "integer"
    assert serializer_for(Address) is serializer_for(Address)
