"""Real projects in folders of their own: manage.py as a user runs it."""

from __future__ import annotations

import pytest

from tests.projects import GEO, OURS, ROUND_TRIP, SETTINGS, SHOP, YES

pytestmark = pytest.mark.django_db


def test_a_project_needs_makemigrations_and_migrate_only(project):
    said = project.run(
        ["makemigrations"],
        ["migrate"],
        ["makemigrations", "--check"],
        ["python", ROUND_TRIP],
    )

    assert "No changes detected" in said
    assert "it works" in said


TRIGGERS = """
import pgtrigger
from django.db import models
from geo.models import Address

class Person(models.Model):
    name = models.CharField(max_length=9)
    address = Address.Field(null=True, blank=True)

    class Meta:
        triggers = [pgtrigger.Protect(name="keep", operation=pgtrigger.Delete)]
"""


@pytest.mark.parametrize(
    "apps",
    [
        pytest.param([OURS, "pgtrigger", "geo", "shop"], id="before it"),
        pytest.param(["pgtrigger", OURS, "geo", "shop"], id="after it"),
    ],
)
def test_it_composes_with_pgtrigger(project, database, apps):
    project.write("settings.py", SETTINGS.format(apps=apps))
    project.write("shop/models.py", TRIGGERS)
    project.run(["makemigrations"], ["migrate"])
    project.edit("geo/models.py", "IntegerField()", "BigIntegerField()")
    project.edit(
        "shop/models.py", "operation=pgtrigger.Delete", "operation=pgtrigger.Insert"
    )

    said = project.run(["makemigrations"], ["migrate"], ["makemigrations", "--check"])

    assert "Alter attribute number of Address" in said
    assert "Add" in said
    assert "trigger keep" in said.lower()
    assert database.run("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal") == [
        (1,)
    ]


def test_sqlmigrate_prints_what_migrate_runs(project, database):
    project.run(["makemigrations"], ["migrate"])
    project.edit("geo/models.py", "max_length=50)", "max_length=60)")

    said = project.run(["makemigrations"], ["sqlmigrate", "geo", "0002", "--no-color"])

    sql = said[said.index("BEGIN;") : said.index("COMMIT;")]
    database.run(sql.removeprefix("BEGIN;"))
    assert "\tsuburb character varying(60)," in database.schema()


def test_a_new_column_fills_its_rows_with_the_default(project, database):
    project.run(["makemigrations"], ["migrate"], ["python", ROUND_TRIP])
    project.edit(
        "shop/models.py",
        "class Person(models.Model):",
        "def work():\n    return Address('Carlton', 3)\n\n"
        "class Person(models.Model):\n    work = Address.Field(default=work)",
    )

    project.run(["makemigrations"], ["migrate"])

    assert database.run("SELECT work::text FROM shop_person") == [("(Carlton,3)",)]


def test_run_syncdb_makes_types_in_the_order_of_their_use(project):
    project.write(
        "geo/models.py",
        GEO
        + """
from postgres_composite_types import CompositeTypeField

class Away(CompositeType):
    places = CompositeTypeField("geo.Zone")

    class Meta:
        db_type = "x_away"

class Zone(CompositeType):
    center = Address.Field()

    class Meta:
        db_type = "zone"
        schema = "far"
""",
    )
    for app in ("geo", "shop"):
        (project.path / app / "migrations/__init__.py").unlink()
        (project.path / app / "migrations").rmdir()

    said = project.run(
        ["migrate", "--run-syncdb"], ["migrate", "--run-syncdb"], ["python", ROUND_TRIP]
    )

    assert "it works" in said


def test_a_plain_migrate_makes_no_types_of_apps_without_migrations(project, database):
    (project.path / "geo/migrations/__init__.py").unlink()
    (project.path / "geo/migrations").rmdir()

    project.run(["migrate"])

    assert database.run("SELECT to_regtype('x_address')::text") == [(None,)]


OLD_MIGRATION = """
import shop.models
from django.db import migrations, models
from geo.models import Address

class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [Address.Operation()]
"""
OLD_SHOP = """
import django.contrib.postgres.fields
import geo.models
from django.db import migrations, models

class Migration(migrations.Migration):
    initial = True
    dependencies = [("geo", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", geo.models.AddressField(blank=True, null=True)),
                ("previous", django.contrib.postgres.fields.ArrayField(base_field=geo.models.AddressField(), default=list, size=None)),
            ],
        ),
    ]
"""


def test_an_old_migration_says_which_line_it_needs(project):
    project.write("geo/migrations/0001_initial.py", OLD_MIGRATION)
    project.write("shop/migrations/0001_initial.py", OLD_SHOP)

    said = project.run(["migrate"], fails=True)

    assert said.splitlines()[-1].endswith(
        "geo.models: a migration names AddressField, which no class makes any more;"
        " add the line `AddressField = Address.Field` below Address."
    )


def test_old_migrations_run_and_are_frozen(project, database):
    project.write("geo/migrations/0001_initial.py", OLD_MIGRATION)
    project.write("shop/migrations/0001_initial.py", OLD_SHOP)
    project.write("geo/models.py", GEO + "\nAddressField = Address.Field\n")
    said = project.run(
        ["migrate"], ["makemigrations", "--check"], ["python", ROUND_TRIP]
    )
    assert "run manage.py freeze_composite_types" in said
    project.edit(
        "geo/models.py",
        "number = models.IntegerField()",
        "number = models.BigIntegerField()\n    zone = models.TextField(null=True)",
    )

    project.run(["freeze_composite_types"])
    said = project.run(["makemigrations"], ["migrate"], ["makemigrations", "--check"])

    frozen = (project.path / "geo/migrations/0001_initial.py").read_text("utf-8")
    assert "from geo.models import Address" not in frozen
    assert "('number', models.IntegerField())," in frozen
    assert "Alter attribute number of Address" in said
    assert "Add attribute zone of Address" in said
    assert "freeze_composite_types" not in said
    assert "\tzone text" in database.schema()


def test_nothing_asks_a_database_before_migrate(project):
    nowhere = "postgresql://nobody@127.0.0.1:9/nothing"
    ignored = [
        "python",
        "import warnings; warnings.simplefilter('ignore', RuntimeWarning)",
    ]

    said = project.run(ignored, ["check"], ["makemigrations"], url=nowhere)

    assert "Create composite type Address" in said


def test_a_deleted_class_leaves_a_history_that_still_runs(project, database):
    project.run(["makemigrations"], ["migrate"])
    project.write("shop/models.py", "")
    project.write("geo/models.py", "")

    project.run(
        ["makemigrations"],
        ["migrate"],
        ["makemigrations", "--check"],
        ["migrate", "geo", "0001"],
        ["migrate"],
    )

    assert database.run("SELECT to_regtype('x_address')::text") == [(None,)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max_length=50", "max_length=80"),
        ("suburb", "locality"),
        ("    suburb = models.CharField(max_length=50)\n", ""),
        ("x_address", "y_address"),
        ("models.IntegerField()", "models.TextField()"),
    ],
)
def test_the_app_of_a_type_is_squashed_after_another_app_used_it(
    project, database, old, new
):
    project.run(["makemigrations"], ["migrate"])
    project.edit("geo/models.py", old, new)
    project.run(YES, ["makemigrations", "geo"], ["migrate"])
    after = database.schema()

    project.run(["squashmigrations", "geo", "0002", "--no-input"])
    project.run(["makemigrations", "--check"], ["migrate"])

    assert project.replayed() == after
    for replaced in (project.path / "geo/migrations").glob("000[12]_*.py"):
        if "squashed" not in replaced.name:
            replaced.unlink()
    squashed = next((project.path / "geo/migrations").glob("*squashed*.py"))
    text = squashed.read_text("utf-8")
    replaces = text[text.index("    replaces") : text.index("    dependencies")]
    squashed.write_text(text.replace(replaces, ""), "utf-8")
    project.edit(
        "shop/migrations/0001_initial.py", "'0001_initial'", f"'{squashed.stem}'"
    )
    assert project.replayed() == after


INDEX = """

    class Meta:
        indexes = [models.Index(models.F("address__suburb"), name="by_suburb")]
"""


def test_a_change_waits_for_the_migrations_that_mention_its_member(project):
    project.write("shop/models.py", SHOP.rstrip() + INDEX)
    project.run(["makemigrations"])
    project.edit("geo/models.py", "number", "house")
    project.run(YES, ["makemigrations"])
    project.edit("geo/models.py", "suburb", "locality")
    project.edit("shop/models.py", "address__suburb", "address__locality")

    project.run(YES, ["makemigrations"])

    house, locality = sorted((project.path / "geo/migrations").glob("000[23]_*.py"))
    assert "('shop'," not in house.read_text("utf-8")
    assert "('shop', '0002" in locality.read_text("utf-8")
    project.run(["migrate"])
