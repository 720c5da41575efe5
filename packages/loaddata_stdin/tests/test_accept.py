"""Which values of the environment a field and its column take."""

from __future__ import annotations

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import connections, models

from loaddata_stdin import Options, Substitution, load
from loaddata_stdin.problems.acceptance import flaw

from .pgapp.models import TypedField
from .test_errors import lines, one
from .testapp.models import Coded

pytestmark = pytest.mark.django_db(databases=["default", "sqlite"])
both = pytest.mark.parametrize("using", ["default", "sqlite"])
CODE = "0f0a1c2e-4f0a-1c2e-4f0a-1c2e4f0a1c2e"


class WordsField(models.Field):
    """Its values are lists of words, which its column holds as one text."""

    def db_type(self, connection):
        return f"varchar({self.max_length})"

    def to_python(self, value):
        return value.split() if isinstance(value, str) else value

    def get_prep_value(self, value):
        return ",".join(value)


@both
@pytest.mark.parametrize("code", [CODE, CODE.upper(), CODE.replace("-", "")])
def test_a_uuid_is_taken_as_a_key_and_as_a_reference(using, code):
    load(
        lines(one("coded", "${CODE}", after="${CODE}")),
        options=Options(using=using, substitution=Substitution({"CODE": code})),
    )

    found = Coded.objects.using(using).get()
    assert str(found.pk) == str(found.after_id) == CODE


@both
@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param(models.UUIDField(), CODE, id="UUID"),
        pytest.param(models.DurationField(max_length=3), "3 01:02:03", id="duration"),
        pytest.param(models.GenericIPAddressField(), "::ffff:10.0.0.1", id="address"),
        pytest.param(models.TextField(max_length=3), "long", id="text"),
        pytest.param(models.BinaryField(max_length=3), "bG9uZyB0ZXh0", id="bytes"),
        pytest.param(models.JSONField(max_length=3), {"a": "long"}, id="JSON"),
        pytest.param(models.CharField(max_length=None), "long", id="no limit"),
        pytest.param(models.CharField(max_length=4), "long", id="as long as it may be"),
        pytest.param(TypedField(max_length=3, type_name="citext"), "long", id="custom"),
        pytest.param(WordsField(max_length=4), "ab c", id="shorter in its column"),
    ],
)
def test_what_its_column_takes_has_no_flaw(using, field, value):
    assert flaw(field, value, connections[using]) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param(models.CharField(max_length=3), "long", id="text"),
        pytest.param(models.FileField(max_length=3), "long", id="file"),
        pytest.param(models.FilePathField(max_length=3), "long", id="path"),
        pytest.param(WordsField(max_length=3), "ab c", id="custom"),
        pytest.param(TypedField(type_name="char(3)"), "long", id="custom type"),
    ],
)
def test_what_is_too_long_for_its_column_has_a_flaw(field, value):
    problem = "longer than 3 characters"

    assert flaw(field, value, connections["default"]) == problem


def test_what_an_array_holds_is_left_to_the_database():
    field = ArrayField(models.CharField(max_length=3))

    assert flaw(field, ["a", "b", "c"], connections["default"]) is None
