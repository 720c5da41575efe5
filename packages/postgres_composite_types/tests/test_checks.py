from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core import checks
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import CheckConstraint, Q
from django.db.models.query_utils import DeferredAttribute
from django.test.utils import isolate_apps

from postgres_composite_types import CompositeType
from postgres_composite_types.database import member_checks
from postgres_composite_types.database.checks import (
    check_databases,
    check_json_members,
    check_names,
    check_nulls,
)
from postgres_composite_types.database.member_checks import check_columns, check_members
from postgres_composite_types.declare import registry
from tests.people.models import Address, Person

PEOPLE = [apps.get_app_config("people")]


class Json(models.Field):
    def db_type(self, connection):
        return "json"


class Described(models.IntegerField):
    class descriptor_class(DeferredAttribute):
        """As that of django-countries."""


class Accompanied(models.IntegerField):
    """As that of django-money."""

    def contribute_to_class(self, cls, name, private_only=False):
        super().contribute_to_class(cls, name, private_only)
        cls.add_to_class(f"{name}_currency", models.CharField(max_length=3))


class Demanding(models.IntegerField):
    def contribute_to_class(self, cls, name, private_only=False):
        cls._meta.concrete_model.a_model_only()


@pytest.fixture
def declare(monkeypatch):
    """Declare a type that is gone after the test."""
    monkeypatch.setattr(registry.live, "_types", dict(registry.live._types))

    def declare(db_type="x_new", schema=None, name="New", **members):
        meta = type(
            "Meta", (), {"db_type": db_type, "app_label": "people", "schema": schema}
        )
        body = members or {"x": models.IntegerField(null=True)}
        place = {"__module__": __name__, "__qualname__": name, "Meta": meta}
        return type(CompositeType)(name, (CompositeType,), {**body, **place})

    return declare


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def compare():
    return [
        (message.id[-4:], message.msg, message.hint)
        for message in check_databases(PEOPLE, databases=["default"])
    ]


def test_the_declared_types_of_the_tests_are_in_order():
    assert check_names(None) == []
    assert check_json_members(None) == []


def test_two_types_of_one_name_are_an_error(declare):
    declare(db_type="people_address")

    first, second = check_names(PEOPLE)

    assert first.id == "postgres_composite_types.E001"
    assert first.msg == 'people.Address and people.New have the name "people_address".'
    assert (first.obj, second.obj) == ("people.Address", "people.New")


def test_a_type_and_a_table_of_one_name_are_an_error(declare):
    declare(db_type="people_person")

    [error] = check_names(PEOPLE)

    assert error.msg == (
        'people.New and the table of people.Person have the name "people_person".'
    )


def test_a_name_in_another_schema_is_another_name(declare):
    declare(db_type="people_person", schema="geo")

    assert check_names(PEOPLE) == []


@pytest.mark.parametrize(
    "member",
    [
        pytest.param(lambda: Json(null=True), id="json"),
        pytest.param(lambda: ArrayField(Json()), id="array"),
    ],
)
def test_a_json_member_is_a_warning(declare, member):
    declare(data=member())

    [warning] = check_json_members(PEOPLE)

    assert warning.id == "postgres_composite_types.W004"
    assert warning.msg.startswith("data is json, which has no equality")


@pytest.mark.django_db
def test_types_as_declared_are_no_warning():
    assert compare() == []


@pytest.mark.django_db
def test_no_database_is_asked_unless_it_is_named(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert check_databases(None, databases=None) == []


@pytest.mark.django_db
def test_two_queries_compare_all_types_of_a_database(
    django_assert_num_queries, monkeypatch
):
    # Types of other tests may be left over: a missing one asks whether there was a
    # migration, which is not counted here.
    monkeypatch.setattr(MigrationRecorder, "has_table", lambda recorder: True)
    with django_assert_num_queries(2):
        check_databases(None, databases=["default"])


@pytest.mark.django_db
def test_a_missing_type_is_a_warning_with_the_command_to_run(declare):
    declare()

    assert compare() == [
        (
            "W001",
            "There is no \"x_new\" in database 'default'.",
            "Run manage.py migrate --run-syncdb.",
        )
    ]


@pytest.mark.django_db
def test_a_database_that_was_never_migrated_is_no_warning(declare):
    declare()

    sql("ALTER TABLE django_migrations RENAME TO gone")

    assert compare() == []


@pytest.mark.django_db
def test_a_type_that_a_pending_migration_creates_is_no_warning(declare, settings):
    settings.MIGRATION_MODULES = {"people": "tests.people_migrations"}
    declare(name="Place")
    declare(name="Other", db_type="x_other")
    without = "Run manage.py makemigrations people, then manage.py migrate."

    assert [hint for _, _, hint in compare()] == [without]
    MigrationRecorder(connection).record_applied("people", "0001_initial")
    assert [hint for _, _, hint in compare()] == [
        "people.0001_initial created it, and somebody dropped it.",
        without,
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "difference"),
    [
        pytest.param("DROP ATTRIBUTE since", "it has no since", id="dropped"),
        pytest.param("ADD ATTRIBUTE zip text", "the class has no zip", id="added"),
        pytest.param(
            "RENAME ATTRIBUTE suburb TO town",
            "it has no suburb; the class has no town",
            id="renamed",
        ),
    ],
)
def test_a_type_that_has_other_attributes_is_a_warning(change, difference):
    sql(f"ALTER TYPE people_address {change}")

    assert compare() == [
        (
            "W002",
            "\"people_address\" in database 'default' differs from the class: "
            f"{difference}.",
            "Run manage.py makemigrations, then manage.py migrate.",
        )
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("member", "attribute", "difference"),
    [
        pytest.param(
            models.CharField(max_length=5),
            "varchar(4)",
            "m is character varying(4), not varchar(5)",
            id="length",
        ),
        pytest.param(
            models.DecimalField(max_digits=5, decimal_places=2),
            "numeric(5, 3)",
            "m is numeric(5,3), not numeric(5, 2)",
            id="places",
        ),
        pytest.param(
            models.IntegerField(), "bigint", "m is bigint, not integer", id="type"
        ),
        pytest.param(
            models.IntegerField(), "int[]", "m is integer[], not integer", id="array"
        ),
    ],
)
def test_an_attribute_of_another_type_is_a_warning(
    declare, member, attribute, difference
):
    declare(m=member)
    sql(f"CREATE TYPE x_new AS (m {attribute})")

    [(number, message, _)] = compare()

    assert number == "W002"
    assert message.endswith(f"differs from the class: {difference}.")


@pytest.mark.django_db
def test_equal_types_have_many_names(declare):
    declare(
        a=models.DecimalField(max_digits=5, decimal_places=2),
        b=ArrayField(models.CharField(max_length=9), size=3),
        c=models.TimeField(),
        d=ArrayField(Address.Field()),
        e=models.CharField(),
    )
    sql(
        "CREATE TYPE x_new AS (e varchar, d people_address[], c time, b varchar(9)[], a numeric(5,2))"
    )

    assert compare() == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["point", "people_parcel"])
def test_a_name_that_finds_another_type_is_a_warning(declare, name):
    declare(db_type=name)

    [(number, message, hint)] = compare()

    assert number == "W003"
    assert message.startswith(
        f"\"{name}\" in database 'default' is not a composite type"
    )
    assert hint == "Give Meta.db_type another name, or set Meta.schema."


@pytest.mark.django_db
def test_a_database_that_the_app_does_not_live_in_is_not_compared(declare, settings):
    class Router:
        def allow_migrate(self, db, app_label, **hints):
            return app_label != "people"

    settings.DATABASE_ROUTERS = [Router()]
    declare()

    assert compare() == []


def test_members_that_only_forms_protect_are_a_warning_on_deploy():
    found = {each.obj.name: each for each in check_nulls(PEOPLE)}
    address, recipient = found["address"], found["recipient"]

    assert address.id == "postgres_composite_types.W005"
    assert address.obj is Person._meta.get_field("address")
    assert "lets street, suburb, postcode, country and is_gated be null" in address.msg
    assert address.hint.startswith(
        "Add CheckConstraint(condition=Q(address__isnull=True) | "
        "Q(address__street__isnull=False, address__suburb__isnull=False, "
    )
    assert recipient.hint.startswith(
        "Add CheckConstraint(condition=Q(recipient__street__isnull=False, "
    )
    assert check_nulls not in checks.registry.registry.get_checks()
    assert check_nulls in checks.registry.registry.get_checks(
        include_deployment_checks=True
    )


def test_members_in_a_constraint_are_protected(monkeypatch):
    names = ["street", "suburb", "postcode", "country", "is_gated"]
    whole = Q(**{f"address__{name}__isnull": False for name in names})
    constraint = CheckConstraint(condition=Q(address=None) | whole, name="whole")
    monkeypatch.setattr(Person._meta, "constraints", [constraint])

    found = {each.obj.name for each in check_nulls(PEOPLE)}
    assert "address" not in found
    assert "recipient" in found


@pytest.mark.parametrize(
    ("member", "message"),
    [
        pytest.param(
            models.IntegerField(primary_key=True),
            "E002 people.New.x: a member cannot be primary_key, since a value is not a row.",
            id="primary key",
        ),
        pytest.param(
            models.IntegerField(unique=True),
            "E002 people.New.x: a member cannot be unique, since a value is not a row.",
            id="unique",
        ),
        pytest.param(
            models.SlugField(unique_for_month="since"),
            "E002 people.New.x: a member cannot be unique_for_month,"
            " since a value is not a row.",
            id="unique for a month",
        ),
        pytest.param(
            ArrayField(models.FileField()),
            "E002 people.New.x: the files of an array would not be stored.",
            id="files",
        ),
        pytest.param(
            models.GeneratedField(
                expression=models.Value(1),
                output_field=models.IntegerField(),
                db_persist=True,
            ),
            "E002 people.New.x: PostgreSQL generates columns, not members.",
            id="generated",
        ),
        pytest.param(
            models.IntegerField(db_default=1),
            "E002 people.New.x: PostgreSQL has defaults for columns, not for members.",
            id="default of the database",
        ),
        pytest.param(
            models.IntegerField(db_index=True),
            "W006 people.New.x: db_index has no effect on a member.",
            id="index",
        ),
        pytest.param(
            Accompanied(),
            "W006 people.New.x: Accompanied gives models x_currency, which values do not"
            " get.",
            id="second column",
        ),
        pytest.param(
            Demanding(),
            "W006 people.New.x: Demanding gives models attributes of its own, which values"
            " do not get.",
            id="more than a class",
        ),
        pytest.param(
            models.IntegerField(db_comment="a number"),
            "W006 people.New.x: db_comment has no effect on a member.",
            id="comment",
        ),
    ],
)
def test_a_member_that_would_silently_do_less_is_told(declare, member, message):
    declare(x=member)

    assert [f"{m.id[-4:]} {m.msg}" for m in check_members(PEOPLE)] == [message]


def test_members_in_order_are_not_told(declare):
    declare(
        slug=models.SlugField(),
        saved=models.DateTimeField(auto_now=True),
        file=models.FileField(),
        image=models.ImageField(),
        described=Described(),
        many=ArrayField(models.IntegerField(default=1)),
    )

    assert check_members(None) == []
    assert check_columns(None) == []


def faults(model, databases=None):
    config = SimpleNamespace(get_models=lambda **_: [model])
    return [(m.id[-4:], m.obj.name) for m in check_columns([config], databases)]


@isolate_apps("tests.people")
def test_a_foreign_key_to_a_composite_column_is_an_error():
    class Target(models.Model):  # noqa: DJ008
        place = Address.Field(primary_key=True)

        class Meta:
            app_label = "people"

    class Code(models.Model):  # noqa: DJ008
        target = models.ForeignKey(Target, models.CASCADE)
        other = models.OneToOneField("self", models.CASCADE)

        class Meta:
            app_label = "people"

    assert faults(Code) == [("E004", "target")]


@isolate_apps("tests.people")
def test_choices_of_a_composite_column_are_an_error():
    class House(models.Model):  # noqa: DJ008
        one = Address.Field(choices=[(Address("1 Smith St"), "Home")])
        many = ArrayField(Address.Field(choices=[(Address("1 Smith St"), "Home")]))
        free = Address.Field()

        class Meta:
            app_label = "people"

    assert faults(House) == [("E005", "one"), ("E005", "many")]


@pytest.mark.parametrize(
    ("vendors", "databases", "is_fault"),
    [
        ({"default": "sqlite"}, None, True),
        ({"default": "postgresql", "other": "sqlite"}, None, False),
        ({"default": "postgresql", "other": "sqlite"}, ["other"], True),
        ({"default": "postgresql", "other": "sqlite"}, ["default"], False),
        ({"default": "mysql", "other": "sqlite"}, None, True),
    ],
)
def test_a_column_outside_of_postgresql_is_an_error(
    monkeypatch, vendors, databases, is_fault
):
    made = {alias: SimpleNamespace(vendor=vendor) for alias, vendor in vendors.items()}
    monkeypatch.setattr(member_checks, "connections", made)

    found = {number for number, _ in faults(Person, databases)}

    assert found == ({"E003"} if is_fault else set())
