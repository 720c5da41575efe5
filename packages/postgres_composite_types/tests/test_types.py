from __future__ import annotations

import copy
import datetime
import json
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import models

from postgres_composite_types import CompositeType, CompositeTypeField
from postgres_composite_types.declare.registry import Registry, live, types_of
from postgres_composite_types.exceptions import (
    DefinitionError,
    MissingMemberError,
    UnknownTypeError,
    ValueTypeError,
)
from postgres_composite_types.values.exact_json import JSON_NULL_TOKEN

from .testapp.models import Address, AddressField, Person, Place, Point, Tag


def test_members_are_taken_by_position_by_name_and_by_default():
    assert Point(1, 2) == Point(1, y=2) == Point(y=2, x=1)
    assert (Point().x, Point(5).y) == (0, 0)
    assert Address("1 High St").suburb is None


def test_a_callable_default_is_called_for_each_value():
    assert Tag("a").points == []
    assert Tag("a").points is not Tag("b").points


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        pytest.param([1, 2, 3], {}, "Point has 2 members, got 3.", id="surplus"),
        pytest.param([1], {"x": 2}, "Point got member 'x' twice.", id="twice"),
        pytest.param(
            [], {"z": 2}, "Point has no member 'z'; it has x, y.", id="unknown"
        ),
    ],
)
def test_wrong_arguments_are_a_type_error(args, kwargs, message):
    with pytest.raises(TypeError, match=f"^{message}$"):
        Point(*args, **kwargs)


def test_values_are_equal_by_their_members_and_their_class():
    class Vector(CompositeType):
        x = models.IntegerField()
        y = models.IntegerField()

        class Meta:
            db_type = "x_vector"
            app_label = "elsewhere"
            apps = type("Apps", (), {"composite_types": Registry()})

    assert Point(1, 2) != Point(2, 1)
    assert Point(1, 2) != Vector(1, 2)
    assert Point(1, 2) != (1, 2)


def test_equal_values_hash_alike_even_with_lists_and_mappings_inside():
    one = Tag("a", [Point(1)], {"k": [1, {"x": 2}]})
    two = Tag("a", [Point(1)], {"k": [1, {"x": 2}]})

    assert hash(one) == hash(two)
    assert len({one, two, Tag("b")}) == 2


def test_the_repr_can_be_evaluated():
    value = Place("home", Point(1, 2), Tag("a", [Point()]), [])

    assert repr(Point(1, 2)) == "Point(x=1, y=2)"
    assert eval(repr(value)) == value


def test_values_match_by_position_and_by_name():
    match Place("home", Point(1, 2)):
        case Place("home", Point(x=1, y=found)):
            assert found == 2
        case _:
            pytest.fail("no match")


@pytest.mark.parametrize(
    "duplicate",
    [
        pytest.param(copy.copy, id="copy"),
        pytest.param(copy.deepcopy, id="deepcopy"),
        *(
            pytest.param(
                lambda v, p=p: pickle.loads(pickle.dumps(v, p)), id=f"pickle-{p}"
            )
            for p in range(pickle.HIGHEST_PROTOCOL + 1)
        ),
    ],
)
@pytest.mark.parametrize("is_read", [False, True], ids=["made", "read"])
def test_values_are_copied_and_pickled(duplicate, is_read):
    value = Point._from_json('{"x":1,"y":2}') if is_read else Point(1, 2)

    twin = duplicate(value)
    twin.x = 5

    assert (twin, value) == (Point(5, 2), Point(1, 2))


def test_a_value_without_a_member_is_copied_without_it():
    value = Point._from_json('{"x":1,"q":2.50}')
    assert value.x == 1

    twin = pickle.loads(pickle.dumps(value))

    assert twin.x == 1
    with pytest.raises(MissingMemberError):
        _ = twin.y


def test_what_no_member_holds_is_written_back_as_it_was():
    value = Tag._from_json(
        '{"name":"a","points":null,"notes":null,"size":1.50,"more":null}'
        "(a,,null,1.50,null)"
    )
    value.name = "b"

    text = value._meta.codec.encode(value)

    null = json.dumps(JSON_NULL_TOKEN)
    assert text == (
        f'{{"name": "b", "points": null, "notes": {null}, "size": 1.50, "more": {null}}}'
    )


def test_a_copy_with_other_members_is_made():
    value = Point._from_json('{"x":1,"y":2,"z":3}')

    changed = value.__replace__(y=7)

    assert changed == Point(1, 7)
    assert value == Point(1, 2)
    with pytest.raises(TypeError, match=r"^Point has no member 'q'; it has x, y\.$"):
        value.__replace__(q=1)


def test_a_deep_copy_shares_nothing():
    value = Tag("a", [Point(1)])

    twin = copy.deepcopy(value)
    twin.points[0].x = 2

    assert value.points == [Point(1)]


def test_a_member_is_set_without_losing_the_others():
    value = Point._from_json('{"x":1,"y":2}')

    value.x = 9

    assert value == Point(9, 2)


def test_a_member_that_the_database_has_not_raises_only_when_touched():
    value = Point._from_json('{"x":1}')

    assert value.x == 1
    with pytest.raises(MissingMemberError) as caught:
        _ = value.y
    assert str(caught.value) == (
        "testapp.Point.y: \"x_point\" had no attribute 'y' when this value was read; "
        "migrate."
    )
    assert repr(value) == "Point(x=1, y=<MissingMemberError>)"


def test_other_attributes_are_none_and_decode_nothing():
    value = Point._from_json("not even JSON")

    assert not hasattr(value, "resolve_expression")
    with pytest.raises(AttributeError, match="'Point' object has no attribute 'q'"):
        _ = value.q


def test_full_clean_names_every_wrong_member():
    value = Address(street="x" * 256, suburb="", number="many")

    with pytest.raises(ValidationError) as caught:
        value.full_clean()

    assert caught.value.message_dict == {
        "street": ["Ensure this value has at most 255 characters (it has 256)."],
        "suburb": ["This field cannot be blank."],
        "number": ["“many” value must be an integer."],
        "since": ["This field cannot be blank."],
    }


def test_full_clean_converts_and_asks_the_class():
    class Span(CompositeType):
        start = models.IntegerField()
        end = models.IntegerField()

        class Meta:
            db_type = "x_span"
            app_label = "elsewhere"
            apps = type("Apps", (), {"composite_types": Registry()})

        def clean(self):
            if self.end < self.start:
                raise ValidationError("The end is before the start.")

    span = Span("1", "2")
    span.full_clean()

    assert span == Span(1, 2)
    with pytest.raises(ValidationError, match="The end is before the start"):
        Span(2, 1).full_clean()


def test_a_model_names_the_member_in_its_messages():
    person = Person(name="Ann", address={"street": "x", "number": 1, "since": "soon"})

    with pytest.raises(ValidationError) as caught:
        person.clean_fields(exclude=["previous", "friend"])

    assert caught.value.message_dict == {
        "address": [
            "since: “soon” value has an invalid date format. It must be in "
            "YYYY-MM-DD format."
        ]
    }
    person.address = Address("x", "y", 1)
    with pytest.raises(ValidationError) as caught:
        person.clean_fields(exclude=["previous", "friend"])
    assert caught.value.message_dict == {
        "address": ["since: This field cannot be blank."]
    }


def definition(**body):
    return type(CompositeType)("Wrong", (CompositeType,), {
        "__module__": "tests.testapp.models", "__qualname__": "Wrong", **body
    })  # fmt: skip


class Meta:
    db_type = "x_wrong"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param(
            {"x": models.IntegerField()},
            ": Meta.db_type is missing; name the type in PostgreSQL there.",
            id="no-name",
        ),
        pytest.param({"Meta": Meta}, " has no members; declare a field.", id="empty"),
        pytest.param(
            {"Meta": Meta, "Field": models.IntegerField()},
            ".Field: the name is taken by an attribute; rename the member.",
            id="taken",
        ),
        pytest.param(
            {"Meta": Meta, "key": models.ForeignKey("testapp.Person", models.CASCADE)},
            ".key: a ForeignKey cannot be a member; use a plain field.",
            id="relation",
        ),
        pytest.param(
            {"Meta": Meta, "id": models.AutoField()},
            ".id: a AutoField cannot be a member; use a plain field.",
            id="auto",
        ),
    ],
)
def test_what_cannot_be_a_type_is_refused_where_it_is_written(body, message):
    with pytest.raises(DefinitionError) as caught:
        definition(**body)

    assert str(caught.value) == f"tests.testapp.models.Wrong{message}"


class TestInheritance:
    def declare(self, *bases, **body):
        """Declare a type of its own registry."""
        name = body.pop("name", "Heir")
        apps = SimpleNamespace(composite_types=Registry())
        options = {"db_type": "x_heir", "apps": apps, **body.pop("Meta", {})}
        body["Meta"] = type("Meta", (), options)
        place = {"__module__": "tests.testapp.models", "__qualname__": name}
        return type(CompositeType)(name, bases, {**place, **body})

    def test_a_subclass_has_the_members_of_its_parent_first(self):
        heir = self.declare(Address, extra=models.IntegerField())

        assert heir.__match_args__ == (*Address.__match_args__, "extra")
        value = heir("x", "y", extra=1)
        assert (value.street, value.extra) == ("x", 1)
        assert isinstance(value, Address)
        assert not hasattr(value, "__dict__")
        assert heir._meta.get_field("street") is not Address._meta.get_field("street")
        assert pickle.loads(pickle.dumps(Address("x"))) == Address("x")

    def test_members_come_from_abstract_types_and_from_mixins(self):
        class Timed:
            since = models.DateField(null=True)

            def is_old(self):
                return self.since.year < 2000

        abstract = self.declare(
            CompositeType,
            Meta={"abstract": True},
            x=models.IntegerField(),
            y=models.IntegerField(),
        )
        heir = self.declare(Timed, abstract, z=models.IntegerField())

        assert heir.__match_args__ == ("x", "y", "since", "z")
        assert heir(1, 2, datetime.date(1999, 1, 1), 3).is_old()
        with pytest.raises(TypeError, match="Heir is abstract: it has no values"):
            abstract(1, 2)

    def test_a_member_is_replaced_or_left_out(self):
        heir = self.declare(Address, street=models.TextField(), number=None)

        assert heir.__match_args__ == ("street", "suburb", "since")
        assert isinstance(heir._meta.get_field("street"), models.TextField)
        assert heir(street="x").street == "x"
        assert isinstance(Address._meta.get_field("street"), models.CharField)

    def test_two_types_cannot_be_the_parents_of_one(self):
        with pytest.raises(
            DefinitionError, match="Address and Point are both types of the database"
        ):
            self.declare(Address, Point)

    def test_a_value_of_a_subclass_does_not_fit_its_parents_column(self):
        heir = self.declare(Address, extra=models.IntegerField(default=1))

        with pytest.raises(ValueTypeError, match="expected Address or a mapping"):
            Person.objects.filter(address=heir("x")).exists()


def test_a_type_outside_of_apps_must_name_its_app():
    with pytest.raises(
        DefinitionError, match=r"no app contains it; set Meta\.app_label"
    ):
        definition(x=models.IntegerField(), Meta=Meta, __module__="nowhere")


def test_two_types_of_an_app_cannot_have_one_name():
    definition(x=models.IntegerField(), Meta=Meta, __qualname__="Other")

    with pytest.raises(DefinitionError, match="have the same name; rename one"):
        definition(x=models.IntegerField(), Meta=Meta, __qualname__="Another")


def test_nothing_is_injected_into_the_module_of_a_type():
    from .testapp import models as module

    assert "PointField" not in vars(module)
    assert Point.Field.__qualname__ == "Point.Field"


def test_the_registry_finds_types_whatever_the_case_of_their_name():
    assert live.get("testapp.Address") is live.get("testapp.address") is Address
    assert "testapp.address" in live
    assert Address in list(types_of())
    with pytest.raises(
        UnknownTypeError, match=r"^testapp\.Nope: no such composite type"
    ):
        live.get("testapp.Nope")


def test_a_definition_names_the_type_and_its_members():
    meta = Tag._meta

    assert (meta.label, meta.label_lower) == ("testapp.Tag", "testapp.tag")
    assert meta.qualified_name == '"x schema"."Tag %s ""quoted"""'
    assert [field.name for field in meta.fields] == ["name", "points", "notes"]
    assert meta.get_field("name").column == "name"
    assert repr(meta) == "<Definition: testapp.Tag>"


def test_a_field_is_named_by_its_reference_in_migrations():
    field = Person._meta.get_field("address")

    name, path, args, kwargs = field.deconstruct()

    assert (name, path) == ("address", "postgres_composite_types.CompositeTypeField")
    assert (args, kwargs) == (["testapp.Address"], {"null": True, "blank": True})
    assert type(field.clone()) is CompositeTypeField


def test_a_subclass_keeps_its_own_path_and_arguments():
    field = AddressField(in_australia=False, null=True)

    _, path, args, kwargs = field.deconstruct()

    assert path == "tests.testapp.models.AddressField"
    assert (args, kwargs) == ([], {"null": True, "in_australia": False})
    assert field.clone().in_australia is False


def test_history_has_its_own_definitions():
    class Apps:
        composite_types = Registry()

    class Options:
        app_label = "testapp"
        apps = Apps
        db_type = "x_old"

    old = type(CompositeType)(
        "Address",
        (CompositeType,),
        {"street": models.TextField(), "Meta": Options, "__module__": "__fake__", "__qualname__": "Address"},
    )  # fmt: skip
    field = CompositeTypeField("testapp.Address")

    assert field.composite is Address
    field.model = type("Model", (), {"_meta": type("Options", (), {"apps": Apps})})
    assert field.composite is old
    assert types_of(Apps).get("testapp.address") is old


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(Person._meta.get_field("address"), id="column"),
        pytest.param(Place._meta.get_field("point"), id="member"),
        pytest.param(Point.Field(null=True), id="loose"),
    ],
)
def test_fields_are_pickled(field):
    twin = pickle.loads(pickle.dumps(field))

    assert twin.composite is field.composite
    assert (twin.name, twin.null) == (field.name, True)


NO_DATABASE = """
import django; django.setup()
from django.apps import apps
from django.db import connection
for model in apps.get_models():
    for field in model._meta.local_fields:
        if not field.generated:  # Django 6.1 asks for the version of the server
            field.check()
assert connection.connection is None
"""


def test_declaring_types_and_models_needs_no_database():
    subprocess.run(
        [sys.executable, "-W", "error", "-c", NO_DATABASE],
        check=True,
        env={
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": ".",
        },
        cwd=Path(__file__).parents[1],
    )


def test_a_value_is_decoded_once_for_all_threads():
    values = [Point._from_json('{"x":1,"y":2}') for _ in range(2000)]

    with ThreadPoolExecutor(8) as pool:
        sums = list(pool.map(lambda v: v.x + v.y, values * 8))

    assert sums == [3] * 16000


def test_the_methods_of_a_class_see_the_members():
    class Line(CompositeType):
        start = models.IntegerField()
        end = models.IntegerField()

        class Meta:
            db_type = "x_line"
            app_label = "elsewhere"
            apps = type("Apps", (), {"composite_types": Registry()})

        @property
        def length(self):
            return self.end - self.start

        def __str__(self):
            return f"{super().__str__()} of {self.length}"

    assert str(Line(1, 5)) == "Line(start=1, end=5) of 4"
    assert Line._from_json('{"start":2,"end":3}').length == 1
