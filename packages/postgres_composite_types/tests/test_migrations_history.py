"""What becomes of a history: squashed, routed, with data; and the hook."""

from __future__ import annotations

import pytest
from django.core.management.commands import makemigrations, migrate
from django.db import models
from django.db.migrations import Migration, RunPython
from django.db.models import F

from postgres_composite_types import CompositeTypeField
from postgres_composite_types.detection import hook
from postgres_composite_types.detection.autodetector import (
    CompositeTypeAutodetectorMixin,
)
from postgres_composite_types.detection.checks import check_hook
from tests.histories import Database, History, composite, model


def text(length=50, **options):
    return models.CharField(max_length=length, **options)


def whole(**options):
    return models.IntegerField(**options)


def address(name="Address", db_type="x_address", **members):
    return composite(f"geo.{name}", db_type, **(members or {"suburb": text()}))


def column(name="geo.Address", **options):
    return CompositeTypeField(name, **options)


def evolved(*steps, answers=None):
    """Return the operations of the last step, and the history."""
    history = History()
    for step in steps[:-1]:
        history.evolve(*step)
    return history.evolve(*steps[-1], answers=answers), history


@pytest.mark.django_db
def test_a_squashed_history_makes_the_same_schema():
    def person(*members, **fields):
        indexes = [models.Index(F(f"home__{m}"), name=f"by_{m}") for m in members]
        return model("geo.Person", home=column(null=True), indexes=indexes, **fields)

    steps = [
        [address(suburb=text(), number=whole()), person("suburb", "number")],
        [
            address(suburb=text(), number=whole(), zip=text()),
            person("suburb", "number"),
        ],
        [address(town=text(), number=whole(), zip=text()), person("town", "number")],
        [
            address(town=models.TextField(), number=whole(), zip=text()),
            person("town", note=text()),
        ],
        [address(town=models.TextField(), zip=text()), person("town", note=text())],
    ]
    _, history = evolved(*steps)
    squashed = History()
    squashed.add("geo", history.squashed("geo"))

    with Database() as one, Database() as other:
        one.migrate(history)
        other.migrate(squashed)

        assert one.schema() == other.schema()
    (migration,) = squashed.migrations.values()
    assert [each.describe() for each in migration.operations] == [
        "Create composite type Address",
        "Create model Person",
    ]


def test_a_squashed_history_names_a_renamed_type_as_it_was():
    def outer(name, **members):
        return composite("geo.Outer", "x_outer", inner=column(name), **members)

    _, history = evolved(
        [address(), outer("geo.Address")],
        [address("Place"), outer("geo.Place")],
        [address("Place"), outer("geo.Place", note=text())],
    )
    squashed = History()
    squashed.add("geo", history.squashed("geo"))

    found = squashed.evolve(address("Place"), outer("geo.Place", note=text()))

    assert found == []


def test_a_type_that_comes_and_goes_leaves_nothing_in_a_squashed_history():
    _, history = evolved(
        [address(), model("geo.Person", home=column(), name=text())],
        [model("geo.Person", name=text())],
    )
    left = history.squashed("geo").operations

    assert [each.describe() for each in left] == ["Create model Person"]


@pytest.mark.django_db
def test_a_data_migration_sees_the_members_of_its_time():
    def write(apps, schema_editor):
        person = apps.get_model("shop", "Person")
        home = apps.composite_types.get("geo.Address")(suburb="Fitzroy")
        person.objects.using(schema_editor.connection.alias).create(home=home)

    _, history = evolved([address(suburb=text()), model("shop.Person", home=column())])
    data = Migration("0002_write", "shop")
    data.operations = [RunPython(write)]
    data.dependencies = [("shop", "0001_initial")]
    history.migrations["shop", "0002_write"] = data
    history.evolve(
        address(town=text(), number=whole()), model("shop.Person", home=column())
    )

    with Database() as database:
        database.migrate(history)

        assert database.run("SELECT home::text FROM shop_person") == [("(Fitzroy,)",)]


class NotHere:
    def allow_migrate(self, db, app_label, model_name=None, **hints):
        return model_name != "address"


@pytest.mark.django_db
def test_a_router_keeps_a_type_out_of_a_database(settings):
    _, history = evolved([address()], [address(suburb=text(), number=whole())])
    settings.DATABASE_ROUTERS = ["tests.test_migrations_history.NotHere"]

    with Database() as database:
        database.migrate(history)

        assert database.run("SELECT to_regtype('x_address')::text") == [(None,)]


def test_installing_twice_changes_nothing():
    before = makemigrations.Command.autodetector

    hook.install()

    assert makemigrations.Command.autodetector is before
    assert migrate.Command.autodetector is before
    assert before.__mro__.count(CompositeTypeAutodetectorMixin) == 1


def test_a_command_that_drops_the_hook_is_an_error(monkeypatch):
    assert check_hook() == []
    monkeypatch.setattr(
        makemigrations.Command,
        "autodetector",
        makemigrations.Command.autodetector.__mro__[2],
    )

    (error,) = check_hook()

    assert error.id == "postgres_composite_types.E010"
    assert "manage.py makemigrations does not see composite types" in error.msg
