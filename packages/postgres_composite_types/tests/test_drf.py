from __future__ import annotations

import datetime

import pytest
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers, viewsets
from rest_framework.routers import SimpleRouter

from postgres_composite_types.drf import CompositeSerializer, install, serializer_for
from tests.people.models import Address, Parcel, Person, Point

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
