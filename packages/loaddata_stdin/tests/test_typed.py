from __future__ import annotations

import datetime
import io
import json
import uuid
from decimal import Decimal

import pytest
from django.contrib.postgres.fields import ArrayField
from django.core import serializers
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from loaddata_stdin.model.field_values import typed, value_for
from loaddata_stdin.objects import ABSENT, Written

from .documents import VALUES
from .streams import objects
from .testapp.models import Author, Everything, Seat

OCTAL = Written(8, "010")
NO = Written(False, "no")
SEXAGESIMAL = Written(80, "1:20")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        (models.CharField(), OCTAL, "010"),
        (models.TextField(), NO, "no"),
        (models.SlugField(), SEXAGESIMAL, "1:20"),
        (models.TimeField(), SEXAGESIMAL, "1:20"),
        (models.DurationField(), SEXAGESIMAL, "1:20"),
        (models.DecimalField(), Written(3.1, "3.10"), "3.10"),
        (models.UUIDField(), Written(1.0, "1_0.0"), "1_0.0"),
        (models.FileField(), NO, "no"),
        (models.IntegerField(), OCTAL, 8),
        (models.FloatField(), SEXAGESIMAL, 80),
        (models.BooleanField(), NO, False),
        (
            models.DateField(),
            Written(datetime.date(2026, 3, 1), "x"),
            datetime.date(2026, 3, 1),
        ),
        (models.JSONField(), [OCTAL, [NO]], [8, [False]]),
        (models.JSONField(), OCTAL, 8),
        (models.CharField(), None, None),
        (models.CharField(), 3.1, 3.1),
        (ArrayField(models.CharField()), [OCTAL, None], ["010", None]),
        (ArrayField(ArrayField(models.CharField())), [[NO]], [["no"]]),
        (ArrayField(models.IntegerField()), [OCTAL], [8]),
        (Everything._meta.pk, OCTAL, 8),
        (Everything._meta.get_field("parent"), OCTAL, 8),
        (Everything._meta.get_field("author"), [NO], ["no"]),
        (Everything._meta.get_field("friends"), [OCTAL], [8]),
        (Everything._meta.get_field("authors"), [[NO], OCTAL], [["no"], 8]),
        (Seat._meta.pk, [OCTAL, OCTAL], ["010", 8]),
        (None, OCTAL, 8),
    ],
)
def test_a_field_is_given_what_was_written_or_what_yaml_makes_of_it(
    field, value, expected
):
    assert value_for(field, value, "yaml") == expected


def test_json_is_given_as_it_is():
    [item] = objects('{"model": "m", "pk": 1, "fields": {"text": 8}}')

    assert typed(Everything, item) is item.values


def test_an_object_keeps_its_place_as_it_was_written():
    [item] = objects(
        "{model: m, pk: 010, fields: {text: 010, shoe: 010}}", format_name="yaml"
    )

    assert typed(Everything, item) == {
        "model": "m",
        "pk": 8,
        "fields": {"text": "010", "shoe": 8},
    }
    assert item.pk == OCTAL
    [item] = objects("model: m\nfields: {}")
    assert typed(Everything, item) == {"model": "m", "fields": {}}
    assert item.pk is ABSENT


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{&quot;a&quot;: [1]}", {"a": [1]}), ("null", None), ("<None/>", None)],
)
def test_xml_of_a_json_field_is_json(text, expected):
    [item] = objects(
        f"<a><object model='m'><field name='json'>{text}</field></object></a>"
    )

    assert typed(Everything, item)["fields"] == {"json": expected}


def test_xml_of_a_json_field_that_is_no_json_is_refused_with_the_field():
    [item] = objects("<a><object model='m'><field name='json'>no</field></object></a>")

    with pytest.raises(ValueError, match=r"^field json: no JSON: Expecting value"):
        typed(Everything, item)


# Characters that XML can hold; lone surrogates are in no text that can be sent.
TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\n\t"),
    max_size=10,
)
UTC = st.just(datetime.timezone.utc)
EVERYTHING = st.builds(
    Everything,
    pk=st.integers(1, 2**63 - 1),
    binary=st.binary(max_size=10),
    big=st.integers(-(2**63), 2**63 - 1),
    boolean=st.none() | st.booleans(),
    char=st.none() | TEXTS | st.sampled_from(["010", "no", "1:20", "~", "=", "null"]),
    date=st.none() | st.dates(),
    datetime=st.none() | st.datetimes(timezones=UTC),
    decimal=st.none() | st.decimals(-1000, 1000, places=3),
    duration=st.none() | st.timedeltas(),
    file=TEXTS,
    floating=st.none() | st.floats(allow_nan=False),
    ip=st.none() | st.ip_addresses().map(str),
    json=VALUES,
    text=TEXTS,
    time=st.none() | st.times(),
    uuid=st.none() | st.uuids(),
    parent_id=st.none() | st.integers(1, 100),
    author_id=st.none() | st.integers(1, 100),
)


def contents(found):
    return [
        (
            {
                field.attname: _comparable(getattr(item.object, field.attname))
                for field in Everything._meta.concrete_fields
            },
            item.m2m_data,
        )
        for item in found
    ]


def _comparable(value):
    return bytes(value) if isinstance(value, memoryview) else value


@pytest.mark.parametrize("name", ["json", "jsonl", "xml", "yaml"])
@given(data=st.data())
def test_what_is_read_is_what_django_reads(name, data):
    made = data.draw(st.lists(EVERYTHING, max_size=2))
    # Many-to-many relations would be asked of the database.
    fields = [field.name for field in Everything._meta.concrete_fields]
    text = serializers.serialize(name, made, fields=fields)

    # A str it would split at every line end of Unicode, also inside of values.
    theirs = contents(serializers.deserialize(name, io.StringIO(text, newline="\n")))
    piece = data.draw(st.integers(1, 100))
    ours = contents(
        serializers.deserialize(
            "python", (typed(Everything, item) for item in objects(text, piece))
        )
    )

    assert repr(ours) == repr(theirs)


@pytest.mark.django_db
@pytest.mark.parametrize("natural", [False, True])
@pytest.mark.parametrize("name", ["json", "jsonl", "xml", "yaml"])
def test_relations_are_read_as_django_reads_them(name, natural):
    authors = [Author.objects.create(name=name) for name in ("no", "Mei & <Co>")]
    first = Everything.objects.create(big=1, author=authors[0], json={"a": "<b>"})
    second = Everything.objects.create(
        big=2, parent=first, uuid=uuid.UUID(int=7), decimal=Decimal("3.10")
    )
    second.authors.set(authors)
    second.friends.set([first])
    text = serializers.serialize(
        name,
        Everything.objects.order_by("pk"),
        use_natural_foreign_keys=natural,
    )

    theirs = contents(serializers.deserialize(name, text))
    ours = contents(
        serializers.deserialize(
            "python", (typed(Everything, item) for item in objects(text))
        )
    )

    assert ours == theirs
    assert json.dumps(ours[0][0]["json"]) == '{"a": "<b>"}'


def test_what_looks_like_a_natural_key_is_text_to_a_field_of_text():
    """Django's own fixture9.xml has such a name."""
    field = Everything._meta.get_field("text")

    assert value_for(field, ["Artist"], "xml") == "Artist"
