"""Values wherever a definition of a table takes an expression."""

from __future__ import annotations

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import (
    Case,
    CheckConstraint,
    F,
    GeneratedField,
    Index,
    Q,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from tests.histories import Database, History, composite, model
from tests.test_migrations_values import address, column, value

pytestmark = pytest.mark.django_db

HOME = value(address(), "1 Smith St", "3000")
LITERAL = "'(\"1 Smith St\",3000)'::public.x_address"
ARRAY = '\'{"(\\"1 Smith St\\",3000)"}\'::public.x_address[]'


def check(condition):
    return {"constraints": [CheckConstraint(condition=condition, name="checked")]}


def index(**options):
    return {"indexes": [Index(name="indexed", **options)]}


def generated(expression, output_field):
    made = GeneratedField(
        expression=expression, output_field=output_field, db_persist=True
    )
    return {"made": made}


@pytest.mark.parametrize(
    ("options", "written"),
    [
        pytest.param(check(Q(home=HOME)), f"home = {LITERAL}", id="equal"),
        pytest.param(check(Q(home__range=(HOME, HOME))), f"home <= {LITERAL}", id="range"),
        pytest.param(check(Q(home__in=[HOME])), f"home = {LITERAL}", id="in"),
        pytest.param(check(Q(all=[HOME])), f"all = ARRAY[{LITERAL}]", id="array"),
        pytest.param(check(Q(all__in=[[HOME]])), f"all = {ARRAY}", id="in arrays"),
        pytest.param(check(Q(all__0=HOME)), f"all[1] = {LITERAL}", id="element"),
        pytest.param(check(Q(all__contains=[HOME])), f"all @> ARRAY[{LITERAL}]", id="contains"),
        pytest.param(index(fields=["id"], condition=Q(all__overlap=[HOME])), f"all && ARRAY[{LITERAL}]", id="condition"),
        pytest.param({"indexes": [Index(Case(When(home=HOME, then=F("id"))), name="indexed")]}, f"home = {LITERAL}", id="expression"),
        pytest.param(generated(Q(home=HOME), models.BooleanField(null=True)), f"home = {LITERAL}", id="generated"),
        pytest.param(generated(Value(HOME), column()), f"AS ({LITERAL})", id="generated value"),
        pytest.param(generated(Coalesce("home", Value(HOME)), column()), f"COALESCE(home, {LITERAL})", id="coalesce"),
        pytest.param({"made": column(db_default=Coalesce(Value(HOME), Value(HOME)))}, f"COALESCE({LITERAL}, {LITERAL})", id="default"),
        pytest.param({"made": ArrayField(column(), db_default=[HOME])}, f"DEFAULT {ARRAY}", id="default array"),
    ],
)  # fmt: skip
def test_a_value_stands_in_a_definition(options, written):
    history = History()
    fields = {"home": column(null=True), "all": ArrayField(column(), null=True)}
    declared = address(), model("shop.Person", **fields, **options)
    history.evolve(*declared)
    with Database() as database:
        database.migrate(history)

        assert written in "\n".join(database.schema()).replace('"all"', "all")
    assert history.evolve(*declared) == []


def test_a_generated_value_is_of_the_type_that_was():
    history = History()
    made = generated(F("home"), column())
    history.evolve(address(), model("shop.Person", home=column(null=True), **made))
    with Database() as living, Database() as fresh:
        living.migrate(history)
        history.evolve(composite("geo.Place", "x_address", **address().members))
        living.migrate(history)

        fresh.migrate(history)

        assert fresh.schema() == living.schema()
