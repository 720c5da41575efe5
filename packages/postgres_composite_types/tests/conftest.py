from __future__ import annotations

import pytest
from hypothesis import settings

# A deadline fails a slow machine, not wrong code.
settings.register_profile("fieldkit", deadline=None)
settings.load_profile("fieldkit")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    from django.db import connections
    from django.db.models.signals import pre_migrate

    def receiver(sender, using, **kwargs):
        if sender.label == "testapp":
            with connections[using].cursor() as cursor:
                cursor.execute("CREATE TYPE x_mood AS ENUM ('happy', 'sad')")

    pre_migrate.connect(receiver, weak=False)
    yield
    pre_migrate.disconnect(receiver)


@pytest.fixture(scope="session", autouse=True)
def no_database_left(django_db_blocker):
    yield
    from tests.histories import Database

    with django_db_blocker.unblock():
        Database.drop_idle()


@pytest.fixture(scope="session")
def zygote():
    from tests.projects import zygote_process

    with zygote_process() as process:
        yield process


@pytest.fixture
def database(db):
    from tests.histories import Database

    with Database() as made:
        yield made


@pytest.fixture
def project(tmp_path, database, zygote):
    from tests.projects import GEO, OURS, SETTINGS, SHOP, Project

    made = Project(tmp_path, database, zygote)
    made.write("settings.py", SETTINGS.format(apps=[OURS, "geo", "shop"]))
    for app in ("geo", "shop"):
        made.write(f"{app}/__init__.py", "")
        made.write(f"{app}/migrations/__init__.py", "")
    made.write("geo/models.py", GEO)
    made.write("shop/models.py", SHOP)
    return made


@pytest.fixture
def stored(db):
    from tests.stored import SCHEMA, run

    run(SCHEMA)
