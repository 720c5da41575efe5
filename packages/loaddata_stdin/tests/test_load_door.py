"""load(): the door for Python."""

from __future__ import annotations

import io
import subprocess
import sys
import threading

import pytest
from django.db import connections, transaction

import loaddata_stdin
from loaddata_stdin import LoaddataStdinError, Options, load

from .testapp.models import Author

LINE = '{"model": "testapp.author", "pk": %d, "fields": {"name": "a%d"}}\n'
TEXT = LINE % (1, 1) + LINE % (2, 2)
databases = pytest.mark.django_db(databases=["default", "sqlite"])


@databases
@pytest.mark.parametrize(
    "stream",
    [
        pytest.param(lambda: TEXT.encode(), id="bytes"),
        pytest.param(lambda: io.BytesIO(TEXT.encode()), id="a stream of bytes"),
        pytest.param(lambda: io.StringIO(TEXT), id="a stream of text"),
        pytest.param(
            lambda: io.TextIOWrapper(io.BytesIO(TEXT.encode()), encoding="ascii"),
            id="a text file",
        ),
    ],
)
def test_any_stream_is_taken_and_left_open(stream):
    stream = stream()

    report = load(stream)

    assert report.models["testapp.author"].created == 2
    assert isinstance(stream, bytes) or not stream.closed


@databases
def test_the_database_is_named(django_assert_num_queries):
    with django_assert_num_queries(0):
        load(TEXT.encode(), using="sqlite")

    assert Author.objects.using("sqlite").count() == 2


@databases
def test_it_goes_on_in_a_transaction_that_is_there_already():
    with transaction.atomic():
        load(TEXT.encode())
        with pytest.raises(LoaddataStdinError), transaction.atomic():
            load((LINE % (3, 1)).encode())
        load((LINE % (3, 3)).encode())

    assert Author.objects.count() == 3


@databases
def test_nothing_is_left_of_a_load_that_fails_in_a_transaction():
    load(TEXT.encode())

    with pytest.raises(LoaddataStdinError):
        load((LINE % (3, 3) + LINE % (4, 1)).encode())

    assert Author.objects.count() == 2
    assert load(TEXT.encode()).models["testapp.author"].unchanged == 2


@pytest.mark.django_db(transaction=True)
def test_threads_load_side_by_side():
    failures = []

    def run(first):
        try:
            load("".join(LINE % (n, n) for n in range(first, first + 50)).encode())
        except Exception as error:  # noqa: BLE001  # It is looked at below.
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[100 * n]) for n in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    assert Author.objects.count() == 150


def test_the_package_can_be_imported_before_there_are_settings():
    done = subprocess.run(
        [sys.executable, "-c", "from loaddata_stdin import load; print(load.__name__)"],
        capture_output=True,
        text=True,
        env={},
    )

    assert (done.stdout, done.stderr) == ("load\n", "")


def test_what_is_public_is_there():
    assert all(hasattr(loaddata_stdin, name) for name in loaddata_stdin.__all__)
    assert callable(loaddata_stdin.load)
    assert Options().using == "default"
