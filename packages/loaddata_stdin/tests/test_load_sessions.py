"""Settings of a session that change what texts mean, and two sessions at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.signals import post_save

from loaddata_stdin.exceptions import ObjectLoadError
from loaddata_stdin.load import Options, load

from .test_load import one, stream
from .testapp.models import Author, Item

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


@pytest.mark.parametrize("is_standard", ["on", "off"])
def test_bytes_are_the_same_whatever_strings_of_sql_are(is_standard):
    session(standard_conforming_strings=is_standard)

    load(stream([one("item", 1, raw="YVxiAP8=", text="back\\slash")]))

    item = Item.objects.get()
    assert (bytes(item.raw), item.text) == (b"a\\b\0\xff", "back\\slash")


@pytest.fixture
def receiving():
    """Let authors be saved one by one, but not items."""

    def receive(sender, **kwargs):
        pass

    post_save.connect(receive, sender=Author)
    yield
    post_save.disconnect(receive, sender=Author)


def wait_for_lock(future):
    """Wait until a session of another thread waits for a lock."""
    query = (
        "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database()"
    )
    count = 0
    while not count:
        assert not future.done()
        with connection.cursor() as cursor:
            # What a transaction has seen of it stays the same.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(query)
            [count] = cursor.fetchone()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_dry_run", [False, True])
@pytest.mark.parametrize("is_single", [False, True])
def test_two_loads_of_the_same_rows_do_not_wait_for_each_other(
    request, is_single, is_dry_run
):
    if is_single:
        request.getfixturevalue("receiving")
    Author.objects.create(pk=1, name="old")
    Item.objects.create(pk=1, text="old")

    def other():
        try:
            options = Options(is_dry_run=is_dry_run)
            objects = [one("author", 1, name="b"), one("item", 1, text="b")]
            return load(stream(objects), options=options).of("testapp.item").updated
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as executor:
        with transaction.atomic():
            load(stream([one("item", 1, text="a")]))
            later = executor.submit(other)
            wait_for_lock(later)
            # The other one has not written this row before the one that it waits for.
            load(stream([one("author", 1, name="a")]))

        assert later.result() == 1
    assert Item.objects.get().text == ("a" if is_dry_run else "b")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("receiving")
def test_a_sequence_that_another_session_uses_is_no_question_of_its_owner():
    other = connection.copy("default")
    session(lock_timeout="1")
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("ALTER SEQUENCE testapp_author_id_seq RESTART")

        with pytest.raises(ObjectLoadError, match="canceling statement due to lock"):
            load(stream([one("author")]), options=Options(is_dry_run=True))
    finally:
        other.close()
        session(lock_timeout="0")
