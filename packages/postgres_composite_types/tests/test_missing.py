from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.backends.signals import connection_created

from postgres_composite_types.database.missing import install
from tests.people.models import Address, Person

pytestmark = pytest.mark.django_db


def run(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_statement_that_misses_a_type_says_what_to_run():
    run("ALTER TYPE people_address RENAME TO people_home")

    with pytest.raises(ProgrammingError) as raised:
        Person.objects.create(name="Ana", address=Address("1 Smith St", "Fitzroy"))

    assert str(raised.value) == (
        "There is no \"people_address\" in database 'default'. "
        "Run manage.py migrate --run-syncdb."
    )


def test_a_type_in_a_schema_is_told_from_others(monkeypatch):
    monkeypatch.setattr(Address._meta, "schema", "geo")
    run("CREATE SCHEMA geo")

    with pytest.raises(
        ProgrammingError, match=r'There is no "geo"\."people_address" in'
    ):
        run("SELECT NULL::geo.people_address")


def test_other_errors_stay_what_they_are():
    with pytest.raises(ProgrammingError, match=r'^type "people_planet" does not exist'):
        run("SELECT NULL::people_planet")
    with pytest.raises(ProgrammingError, match=r'^relation "people_planet" does not'):
        run("SELECT FROM people_planet")


def test_a_connection_is_watched_once():
    install()
    connection_created.send(type(connection), connection=connection)

    names = [wrapper.__module__ for wrapper in connection.execute_wrappers]

    assert names.count("postgres_composite_types.database.missing") == 1
