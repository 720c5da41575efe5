"""Rows that the server takes while the next objects are read."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from loaddata_stdin.exceptions import ObjectValueError
from loaddata_stdin.load import load
from loaddata_stdin.model.target import Target
from loaddata_stdin.problems.problems import Problems
from loaddata_stdin.stage.attempts import send, settle
from loaddata_stdin.stage.objects import Stage

from .streams import Pieces
from .testapp.models import Author

pytestmark = pytest.mark.django_db
# More than are waited for at once.
ROWS = [f"{n}\t{n}\t1\t{n}\ta\n" for n in range(1, 101)]
COLUMNS = ["#number", "#line", "#column", "id", "name"]
MANY = b"".join(
    json.dumps(
        {"model": "testapp.author", "pk": n, "fields": {"name": f"{n}".zfill(50)}}
    ).encode()
    + b"\n"
    for n in range(1, 12_001)
)


@pytest.fixture
def stage():
    stage = Stage(connection, Target(Author, "default"), Problems())
    stage.may_send_ahead = True
    return stage


def test_a_statement_waits_for_the_rows_that_are_sent(stage):
    send(stage, COLUMNS, ROWS)

    assert stage.rows(f"SELECT COUNT(*) FROM {stage.name}") == [(100,)]

    settle(stage)
    assert not connection.execute_wrappers


def test_few_rows_are_waited_for(stage):
    send(stage, COLUMNS, [f"1\t1\t1\t1\t{'a' * 99}\n"] * 2)

    assert stage.sending is None


def test_a_row_that_is_refused_disturbs_no_statement_before_it_is_asked_for(stage):
    send(stage, COLUMNS, [*ROWS, "101\t2\t1\tx\tb\n"])

    assert not Author.objects.exists()
    assert stage.rows(f"SELECT name FROM {stage.name}") == []

    with pytest.raises(ObjectValueError, match=r"object 101 .*field id"):
        settle(stage)
    assert not connection.execute_wrappers


class Watched(Pieces):
    """Bytes that come while somebody asks whether the server waits for rows."""

    waits = False

    def readinto(self, buffer):
        self.waits |= bool(connection.execute_wrappers)
        return super().readinto(buffer)


@pytest.mark.parametrize("timeout", ["0", "1min"])
def test_no_statement_waits_for_a_producer_whose_time_is_limited(timeout):
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout TO '{timeout}'")
    stream = Watched(MANY, 100_000)

    load(stream)

    assert stream.waits == (timeout == "0")
    assert Author.objects.count() == 12_000


class Interrupted(Pieces):
    """Bytes at whose end somebody presses Ctrl-C."""

    def readinto(self, buffer):
        count = super().readinto(buffer)
        if not count:
            raise KeyboardInterrupt
        return count


def test_an_interrupt_leaves_a_connection_that_works():
    with pytest.raises(KeyboardInterrupt):
        load(Interrupted(MANY, 100_000))

    assert not connection.execute_wrappers
    assert not Author.objects.exists()
    assert load(MANY).loaded == 12_000
