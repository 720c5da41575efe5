"""Real projects in folders of their own: manage.py as a user runs it."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.histories import Database
from tests.projects import Project, zygote_process

pytestmark = pytest.mark.django_db

OURS = "postgres_composite_types"
SETTINGS = """
import dj_database_url, os
DATABASES = {{"default": dj_database_url.parse(os.environ["DATABASE_URL"])}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.postgres", *{apps!r}]
SECRET_KEY = "tests"
USE_TZ = True
"""
GEO = """
from django.db import models
from postgres_composite_types import CompositeType

class Address(CompositeType):
    suburb = models.CharField(max_length=50)
    number = models.IntegerField()

    class Meta:
        db_type = "x_address"
"""
SHOP = """
from django.contrib.postgres.fields import ArrayField
from django.db import models
from geo.models import Address

class Person(models.Model):
    address = Address.Field(null=True, blank=True)
    previous = ArrayField(Address.Field(), default=list)
"""


@pytest.fixture(scope="module")
def zygote():
    with zygote_process() as process:
        yield process


@pytest.fixture
def database():
    with Database() as made:
        yield made


@pytest.fixture
def project(tmp_path, database, zygote):
    parts = database.connection.get_connection_params()
    user, password, host = (
        quote(str(parts.get(key) or ""), safe="")
        for key in ("user", "password", "host")
    )
    url = f"postgresql://{user}:{password}@{host}:{parts.get('port', 5432)}/{database.name}"
    made = Project(tmp_path, url, zygote)
    made.write("settings.py", SETTINGS.format(apps=[OURS, "geo", "shop"]))
    for app in ("geo", "shop"):
        made.write(f"{app}/__init__.py", "")
        made.write(f"{app}/migrations/__init__.py", "")
    made.write("geo/models.py", GEO)
    made.write("shop/models.py", SHOP)
    return made


ROUND_TRIP = """
from geo.models import Address
from shop.models import Person
home = Address("Fitzroy", 7)
Person.objects.create(address=home, previous=[home])
found = Person.objects.filter(address__suburb="Fitzroy").get()
assert found.address == home and found.previous == [home]
print("it works")
"""


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


WITH_VALUES = """
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from geo.models import Address

HOME = Address("Fitzroy", 7)

class Person(models.Model):
    address = Address.Field(default=HOME)
    work = Address.Field(db_default=HOME)
    more = ArrayField(Address.Field(), default=[HOME])

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(address=Address("x", 1)), name="no_x")]
        indexes = [models.Index(fields=["id"], condition=Q(work=Value(HOME)), name="at_work")]
"""
DEFAULTS = """
from django.db import IntegrityError
from geo.models import Address
from shop.models import Person
person = Person.objects.create()
person.refresh_from_db()
assert person.address == person.work == person.more[0], vars(person)
person.address.suburb = "Carlton"
assert Person().address.suburb != "Carlton"
try:
    Person.objects.create(address=Address("x", 1))
except IntegrityError as error:
    assert "no_x" in str(error)
    print("it is checked")
"""


def test_values_in_models_go_through_migrations(project, database):
    project.write("shop/models.py", WITH_VALUES)
    said = project.run(
        ["makemigrations"],
        ["migrate"],
        ["makemigrations", "--check"],
        ["python", DEFAULTS],
    )
    assert "it is checked" in said
    project.edit("geo/models.py", "suburb", "locality")
    project.edit(
        "geo/models.py",
        "number = models.Int",
        "zip = models.TextField(null=True)\n    number = models.BigInt",
    )
    project.edit("geo/models.py", "class Address", "class Place")
    project.edit("shop/models.py", "import Address", "import Place as Address")
    yes = "import builtins; builtins.input = lambda *_: 'y'"

    said = project.run(
        ["python", yes], ["makemigrations"], ["migrate"], ["makemigrations", "--check"]
    )

    assert "Rename attribute suburb of Place to locality" in said
    living = database.schema()
    with Database() as fresh:
        url = project.url.replace(database.name, fresh.name)
        project.run(["migrate"], url=url)
        assert fresh.schema() == living
    project.run(["migrate", "shop", "zero"], ["migrate", "geo", "zero"], ["migrate"])
    assert database.schema() == living
