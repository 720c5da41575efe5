"""Settings of a session that change what texts mean, and two sessions at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from loaddata_stdin.load import load

from .test_load import one, stream
from .testapp.models import Item

pytestmark = pytest.mark.django_db
DURATIONS = [
    pytest.param("-1 02:03:04", id="days below nothing"),
    pytest.param("-00:00:00.000001", id="a microsecond below nothing"),
    pytest.param("3 04:05:06.700000", id="of the first table"),
    pytest.param("-999999 00:00:00.1", id="many days"),
]


def session(**settings):
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute(f"SET {name} TO {value}")


def stored(pk):
    parts = ", ".join(
        f"extract({part} FROM took)" for part in ("day", "hour", "second")
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {parts} FROM testapp_item WHERE id = %s", [pk])
        return cursor.fetchall()


@pytest.mark.parametrize("style", ["postgres", "sql_standard", "iso_8601"])
@pytest.mark.parametrize("duration", DURATIONS)
def test_a_duration_is_the_same_in_every_style(style, duration):
    value = Item._meta.get_field("took").to_python(duration)
    assert isinstance(value, timedelta)
    Item.objects.create(pk=1, took=value)
    session(intervalstyle=style)

    load(stream([one("item", 2, took=duration)]))

    session(intervalstyle="postgres")
    assert Item.objects.get(pk=2).took == value
    assert stored(2) == stored(1)
