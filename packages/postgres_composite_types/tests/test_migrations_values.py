"""Values in migrations: defaults, checks, conditions and generated columns."""

from __future__ import annotations

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.migrations.state import ProjectState
from django.db.models import Case, F, GeneratedField, Q, Value, When

from postgres_composite_types import CompositeTypeField, CompositeValue
from postgres_composite_types.schema.state import put_type
from tests.histories import Database, History, composite, model
from tests.projects import YES

pytestmark = pytest.mark.django_db


def text(**options):
    return models.CharField(max_length=50, **options)


def address(**members):
    members = members or {"street": text(), "zip": text(null=True)}
    return composite("geo.Address", "x_address", **members)


def column(**options):
    return CompositeTypeField("geo.Address", **options)


def value(declared, *members):
    """Return a value of the class that a user would have declared."""
    state = ProjectState()
    put_type(state, declared)
    made = state.apps.composite_types.get(f"{declared.app_label}.{declared.name}")
    return made(*members)


AWKWARD = 'Ö\'Brien, "\\x" (50%s)'


def fields(declared, street=AWKWARD):
    """Return columns with every kind of default, for rows that exist."""
    home = value(declared, street, None)
    return {
        "one": column(default=home),
        "many": ArrayField(column(null=True), default=[home, None]),
        "deep": ArrayField(ArrayField(column()), default=[[home], [home]]),
        "none": ArrayField(column(), default=list),
        "kept": column(db_default=home),
        "said": column(db_default=Value(home)),
        "list": ArrayField(column(), db_default=Value([home])),
    }


def test_new_columns_fill_their_rows_with_values_of_the_type():
    history, declared = History(), address()
    with Database() as database:
        history.evolve(declared, model("shop.Person"))
        database.migrate(history)
        database.run("INSERT INTO shop_person VALUES (DEFAULT), (DEFAULT)")
        start = history.leaves
        history.evolve(declared, model("shop.Person", **fields(declared)))

        database.migrate(history)

        one = (
            "SELECT bool_and((one).street = %s AND (one).zip IS NULL) FROM shop_person"
        )
        literal = "'{}'".format(AWKWARD.replace("'", "''"))
        assert database.run(one % literal) == [(True,)]
        same = (
            "many = ARRAY[one, NULL] AND deep = ARRAY[ARRAY[one], ARRAY[one]]"
            " AND none = '{}' AND kept = one AND said = one AND list = ARRAY[one]"
        )
        assert database.run(f"SELECT {same} FROM shop_person") == [(True,), (True,)]
        database.migrate(history, *start)
        database.migrate(history)
        assert database.run(f"SELECT {same} FROM shop_person") == [(True,), (True,)]


def test_a_migration_holds_the_value_and_imports_no_class():
    history, declared = History(), address()

    history.evolve(declared, model("shop.Person", **fields(declared, "1 Smith St")))

    written = history.texts["shop", "0001_initial"]
    frozen = "CompositeValue('geo.Address', {'street': '1 Smith St', 'zip': None})"
    assert f"default=postgres_composite_types.{frozen}" in written
    assert "__fake__" not in written
    assert (
        history.evolve(declared, model("shop.Person", **fields(declared, "1 Smith St")))
        == []
    )


def person(declared, **more):
    home = value(declared, "1 Smith St", "3000")
    kinds = Case(
        When(home=home, then=Value("here")), default=Value("there"), output_field=text()
    )
    return model(
        "shop.Person",
        home=column(null=True, default=home),
        kind=GeneratedField(expression=kinds, output_field=text(), db_persist=True),
        constraints=[
            models.CheckConstraint(condition=~Q(home=home), name="not_home"),
            models.CheckConstraint(condition=~Q(home__in=[home]), name="not_in"),
            models.CheckConstraint(condition=~Q(home=Value(home)), name="not_value"),
            models.UniqueConstraint(
                fields=["id"], condition=Q(home__gt=home), name="one"
            ),
        ],
        indexes=[
            models.Index(fields=["id"], name="few", condition=Q(home=home)),
            models.Index(Case(When(home=home, then=F("id"))), name="computed"),
        ],
        **more,
    )


def test_definitions_that_compare_with_a_value_live_as_they_are_replayed():
    history = History()
    steps = [
        address(),
        address(street=text(), zip=text(null=True), note=text(null=True)),
        address(road=text(), zip=text(null=True), note=text(null=True)),
        address(road=text(), note=text(null=True)),
        address(note=text(null=True)),
    ]
    with Database() as living:
        left = []
        for number, declared in enumerate(steps):
            members = (
                person(steps[0])
                if number < 2
                else model("shop.Person", home=column(null=True))
            )
            history.evolve(declared, members)
            living.migrate(history)
            left.append((history.leaves, living.schema()))
        with Database() as fresh:
            for leaves, schema in left:
                fresh.migrate(history, *leaves)
                assert fresh.schema() == schema
        for leaves, _ in reversed(left):
            living.migrate(history, *leaves)
        assert sorted(living.schema()) == sorted(left[0][1])
        assert any(
            "'(\"1 Smith St\",3000)'::public.x_address" in line for line in left[0][1]
        )


def test_a_frozen_value_outlives_members_that_came_and_went():
    frozen = CompositeValue("geo.Address", {"street": "1 Smith St", "gone": 1})
    state = ProjectState()
    put_type(state, address(street=text(), zip=text(default="3000")))
    made = state.apps.composite_types.get("geo.Address")

    assert frozen.of(made) == made("1 Smith St", "3000")
    assert frozen == CompositeValue("geo.Address", {"street": "1 Smith St", "gone": 1})
    assert frozen != CompositeValue("geo.Address", {"street": "1 Smith St"})
    assert len({frozen, CompositeValue(*frozen.deconstruct()[1])}) == 1
    assert (
        repr(frozen)
        == "CompositeValue('geo.Address', {'street': '1 Smith St', 'gone': 1})"
    )


def without_and_back(database, *sql):
    """Take the first member of a type away and back; return the schemas around it."""
    history = History()
    full = composite(
        "geo.Address", "x_address", zip=text(default="3000"), no=models.IntegerField()
    )
    less = composite("geo.Address", "x_address", no=models.IntegerField())

    def user(home):
        return model("shop.Person", home=column(null=True, db_default=home))

    history.evolve(full, user(value(full, "x", 1)))
    database.migrate(history)
    start = history.leaves
    for statement in sql:
        database.run(statement)
    before = database.schema()
    history.evolve(less, user(value(less, 1)))
    database.migrate(history)
    database.run("INSERT INTO shop_person (home) VALUES ('(7)'), (NULL), (DEFAULT)")
    database.migrate(history, *start)
    database.run("INSERT INTO shop_person (home) VALUES (DEFAULT)")
    homes = database.run("SELECT home::text FROM shop_person ORDER BY id")
    return before, database.schema(), [home for (home,) in homes]


def test_a_removed_member_comes_back_in_its_place_with_its_default():
    with Database() as database:
        before, after, homes = without_and_back(database)

    assert before == after
    assert homes == ["(3000,7)", None, "(3000,1)", "(x,1)"]


def test_a_removed_member_says_why_it_comes_back_elsewhere():
    view = "CREATE VIEW homes AS SELECT home FROM shop_person"
    reason = (
        "geo.Address.zip came back as the last attribute. The attributes of x_address"
        " cannot change places: it is used by view homes."
    )
    with Database() as database, pytest.warns(RuntimeWarning, match=reason):
        _, _, homes = without_and_back(database, view)

    assert homes == ["(7,3000)", None, "(1,3000)", "(1,x)"]


def test_a_default_is_left_alone_where_its_column_has_another_name():
    history, full, less = History(), address(), address(street=text())
    home = column(db_default=value(less, "x"))
    with Database() as database:
        for declared, name in [(less, "home"), (full, "home"), (full, "house")]:
            history.evolve(declared, model("shop.Person", **{name: home}))
            database.migrate(history)
        assert history.migrations["shop", "0002_rename_home_person_house"]

        database.migrate(history, ("geo", "0001_initial"))

        database.run("INSERT INTO shop_person VALUES (DEFAULT)")
        assert database.run("SELECT house::text FROM shop_person") == [("(x)",)]


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
    start = database.schema()
    project.edit("geo/models.py", "suburb", "locality")
    project.edit(
        "geo/models.py",
        "number = models.Int",
        "zip = models.TextField(null=True)\n    number = models.BigInt",
    )
    project.edit("geo/models.py", "class Address", "class Place")
    project.edit("shop/models.py", "import Address", "import Place as Address")

    said = project.run(
        YES, ["makemigrations"], ["migrate"], ["makemigrations", "--check"]
    )

    assert "Rename attribute suburb of Place to locality" in said
    living = database.schema()
    assert project.replayed() == living
    project.run(["migrate", "shop", "0001"], ["migrate", "geo", "0001"])
    assert sorted(database.schema()) == sorted(start)
    project.run(["migrate", "shop", "zero"], ["migrate", "geo", "zero"], ["migrate"])
    assert database.schema() == living
