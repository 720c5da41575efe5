from __future__ import annotations

import datetime
import json
from io import StringIO

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.core.serializers import xml_serializer

from postgres_composite_types.partners.serializers import install
from tests.people.models import Address, Person, Point

pytestmark = pytest.mark.django_db
FORMATS = ["json", "jsonl", "xml", "yaml"]
ADDRESSES = [
    None,
    Address(
        "1 Smith St", "Fitz & <roy>", since=datetime.date(2020, 1, 2), place=Point(1)
    ),
    Address(None, None, None, None, None, None, None),
    Address("", "", "", "", place=Point(None)),
    Address("“Élan”\n", "'\"\\,()", "{}", is_gated=True),
]


@pytest.fixture
def people():
    return [
        Person.objects.create(name=str(n), address=address, previous=ADDRESSES)
        for n, address in enumerate(ADDRESSES)
    ]


def dump(format):
    output = StringIO()
    call_command("dumpdata", "people.Person", format=format, stdout=output)
    return output.getvalue()


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_loaded_is_dumped_the_same(people, format, tmp_path):
    before = dump(format)
    fixture = tmp_path / f"people.{format}"
    fixture.write_text(before, encoding="utf-8")
    Person.objects.all().delete()

    call_command("loaddata", fixture, verbosity=0)

    assert dump(format) == before
    found = Person.objects.order_by("pk")
    assert [person.address for person in found] == ADDRESSES
    assert all(person.previous == ADDRESSES for person in found)


def test_json_nests_the_values(people):
    first, second, *_ = json.loads(dump("json"))

    assert first["fields"]["address"] is None
    assert second["fields"]["address"]["place"] == {"x": 1, "y": None}
    assert second["fields"]["previous"][1] == second["fields"]["address"]


def test_yaml_nests_the_values(people):
    assert "place:\n        x: 1\n" in dump("yaml")


def test_xml_holds_the_values_as_json(people):
    assert '"place": {"x": 1, "y": null}' in dump("xml")


@pytest.mark.parametrize("format", FORMATS)
def test_a_loaded_object_has_values_before_it_is_saved(people, format):
    text = serializers.serialize(format, people)

    loaded = [found.object for found in serializers.deserialize(format, text)]

    assert [person.address for person in loaded] == ADDRESSES
    assert loaded[0].previous == ADDRESSES


def test_a_fixture_with_an_unknown_member_is_refused_by_name(tmp_path):
    fixture = tmp_path / "people.yaml"
    fixture.write_text("- {model: people.person, fields: {address: {planet: Mars}}}")

    with pytest.raises(Exception, match="Address has no member 'planet'") as raised:
        call_command("loaddata", fixture, verbosity=0)

    assert Person.objects.count() == 0
    assert "\n" not in str(raised.value)
    assert not isinstance(raised.value, CommandError)


def test_an_xml_serializer_that_the_settings_name_is_left_alone(settings):
    settings.SERIALIZATION_MODULES = {"xml": "django.core.serializers.xml_serializer"}
    install()

    assert serializers.get_serializer("xml") is xml_serializer.Serializer
