"""What the operations lock, and what is left when they do not get it."""

from __future__ import annotations

import pytest
from django.db import OperationalError, models
from django.db.transaction import atomic

from postgres_composite_types import CompositeTypeField
from tests.histories import Database, History, composite, model

pytestmark = pytest.mark.django_db

FULL_LOCK = ["AccessExclusiveLock", "ShareLock"]
LOCKS = """
SELECT array_agg(mode ORDER BY mode) FROM pg_locks
WHERE pid = pg_backend_pid() AND relation = 'shop_person'::regclass
"""


def declared(type_name="Address", **members):
    members = {"suburb": models.TextField(), "no": models.IntegerField(), **members}
    members = {name: field for name, field in members.items() if field}
    address = composite("geo.Address", "x_address", **members)
    other = composite("geo.Other", "x_other", no=models.BigIntegerField())
    home = CompositeTypeField(f"geo.{type_name}", null=True)
    return address, other, model("shop.Person", home=home)


def changed(database, **step):
    """Migrate a table with a row; return it with the history of a further step."""
    history = History()
    history.evolve(*declared())
    database.migrate(history)
    database.run("INSERT INTO shop_person (home) VALUES ('(Fitzroy,1)')")
    history.evolve(*declared(**step))
    for migration in history.named("0002"):
        migration.atomic = False
    return history


@pytest.mark.parametrize(
    ("step", "locks"),
    [
        pytest.param({"zip": models.TextField(null=True)}, None, id="add"),
        pytest.param(
            {"zip": models.TextField(default="3000")}, ["RowExclusiveLock"], id="fill"
        ),
        pytest.param({"no": None}, None, id="remove"),
        pytest.param({"no": models.BigIntegerField()}, FULL_LOCK, id="alter"),
        pytest.param({"type_name": "Other"}, FULL_LOCK, id="column"),
    ],
)
def test_a_change_locks_no_more_than_it_must(step, locks):
    with Database() as database:
        history = changed(database, **step)
        with atomic(database.name):
            database.migrate(history)

            assert database.run(LOCKS) == [(locks,)]


@pytest.mark.parametrize(
    "step",
    [
        pytest.param({"zip": models.TextField(default="3000")}, id="fill"),
        pytest.param({"no": models.BigIntegerField(db_column="nr")}, id="alter"),
        pytest.param({"type_name": "Other"}, id="column"),
    ],
)
def test_what_a_lock_stops_leaves_nothing_behind(step):
    with Database() as database:
        history = changed(database, **step)
        before = database.schema()
        database.run("SET lock_timeout = '10ms'")
        with (
            database.writer("UPDATE shop_person SET home = home"),
            pytest.raises(OperationalError, match="lock timeout"),
        ):
            database.migrate(history)
        assert database.schema() == before

        database.migrate(history)

        assert database.schema() != before
