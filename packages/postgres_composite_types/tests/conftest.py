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
