"""Old migrations and the text that freezes them."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader

import tests.testapp.models
from postgres_composite_types.detection.django_state import cure_of
from postgres_composite_types.detection.freeze import calls_in, freeze
from postgres_composite_types.management.commands import freeze_composite_types
from postgres_composite_types.operations import CreateCompositeType
from tests.testapp.models import Address

CREATE = CreateCompositeType(
    "Address", [("ä", models.CharField(max_length=5))], "x_address"
)


def frozen(text):
    names = {}
    exec(text, names)
    return freeze(text, names, {"testapp.Address": CREATE})


CREATED = """\
postgres_composite_types.operations.CreateCompositeType(
    name='Address',
    fields=[
        ('ä', models.CharField(max_length=5)),
    ],
    db_type='x_address',
)"""


def test_a_call_is_written_out_in_its_place():
    text = (
        "from django.db import migrations\n"
        "from tests.testapp.models import Address, Person\n"
        "class Migration(migrations.Migration):\n"
        "    operations = [\n"
        "        Address.Operation(),  # the first\n"
        "        migrations.RunPython(Person),\n"
        "    ]\n"
    )
    indented = CREATED.replace("\n", "\n        ")

    assert frozen(text) == (
        "from django.db import migrations\n"
        "from tests.testapp.models import Person\n"
        "from django.db import models\n"
        "import postgres_composite_types.operations\n"
        "class Migration(migrations.Migration):\n"
        "    operations = [\n"
        f"        {indented},  # the first\n"
        "        migrations.RunPython(Person),\n"
        "    ]\n"
    )


def test_a_call_through_a_module_called_models_is_written_with_full_names():
    text = "from tests.testapp import models\noperations = ['ä', models.Address.Operation()]\n"

    written = frozen(text)

    assert "from tests.testapp import models\n" not in written
    assert "'ä', postgres_composite_types.operations.CreateCompositeType(" in written
    exec(written, names := {})
    assert names["operations"][1].deconstruct()[2]["fields"][0][0] == "ä"


def test_nothing_else_is_a_call():
    text = "models.Person.objects()\nAddress\nf()()\nAddress.Operation(1)\n"

    assert calls_in(text, {"Address": Address, "models": tests.testapp.models}) == []


@pytest.fixture
def old_migration(tmp_path, monkeypatch):
    """An old migration of the test app, as the only one that is loaded."""
    path = tmp_path / "old_migration.py"
    path.write_text(
        "from django.db import migrations\n"
        "from tests.testapp.models import Address\n"
        "class Migration(migrations.Migration):\n"
        "    operations = [Address.Operation()]\n",
        "utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))

    def load_disk(loader):
        from old_migration import Migration as Old

        loader.disk_migrations = {("testapp", "0001_old"): Old("0001_old", "testapp")}
        loader.migrated_apps, loader.unmigrated_apps = {"testapp"}, set()

    monkeypatch.setattr(MigrationLoader, "load_disk", load_disk)
    yield path
    monkeypatch.delitem(__import__("sys").modules, "old_migration", raising=False)


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
def test_the_members_are_those_of_the_database(old_migration, capsys):
    run("DROP TYPE x_address CASCADE")
    run(
        "CREATE TYPE x_address AS (gone varchar(7), price numeric(6, 2),"
        " street varchar(255), number bigint, free varchar)"
    )

    call_command("freeze_composite_types", dry_run=True)

    printed = capsys.readouterr().out
    for line in (
        "('gone', models.CharField(max_length=7)),",
        "('price', models.DecimalField(decimal_places=2, max_digits=6)),",
        "('street', models.CharField(max_length=255)),",
        "('number', models.BigIntegerField()),",
        "('free', models.CharField()),",
    ):
        assert line in printed
    assert "Address.Operation()" in old_migration.read_text("utf-8")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "message"),
    [
        pytest.param(
            "DROP TYPE x_address CASCADE",
            'testapp.Address: the database has no type "x_address"; run migrate first,'
            " or name another with --database.",
            id="no type",
        ),
        pytest.param(
            'ALTER TYPE x_address ADD ATTRIBUTE "path" lseg',
            "testapp.Address.path: no field is known for lseg; write"
            " CreateCompositeType into the migration by hand.",
            id="no field",
        ),
    ],
)
def test_what_cannot_be_frozen_is_named(old_migration, sql, message):
    run(sql)

    with pytest.raises(CommandError) as raised:
        call_command("freeze_composite_types")

    assert str(raised.value) == message


@pytest.mark.django_db
def test_a_second_run_has_nothing_to_do(monkeypatch, capsys):
    monkeypatch.setattr(freeze_composite_types, "_unfrozen_modules", list)

    call_command("freeze_composite_types")

    assert capsys.readouterr().err == "Every composite type is frozen.\n"


def test_the_line_that_an_old_migration_needs_is_named_for_both_kinds_of_import():
    with pytest.raises(AttributeError) as attribute:
        tests.testapp.models.ShapeField  # noqa: B018
    with pytest.raises(ImportError) as imported:
        exec("from tests.testapp.models import ShapeField")

    assert cure_of(attribute.value) == cure_of(imported.value)
    assert "add the line `ShapeField = Shape.Field`" in cure_of(attribute.value)


def test_other_errors_of_migrations_are_left_alone():
    with pytest.raises(AttributeError) as raised:
        tests.testapp.models.Nothing  # noqa: B018

    assert cure_of(raised.value) is None
    assert cure_of(AttributeError()) is None
    assert cure_of(ImportError()) is None
