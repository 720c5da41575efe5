from __future__ import annotations

import fcntl
import io
import json
import signal
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import is_psycopg3

from loaddata_stdin.exceptions import ObjectLoadError
from loaddata_stdin.management.commands.loaddata import Command

from .testapp.models import Author

# More than is read at once, so that the first objects are saved before it waits.
LINE = json.dumps({"model": "testapp.author", "fields": {"name": "%d"}})
LINES = "".join((LINE % n).ljust(100_000) + "\n" for n in range(3))
# Checks look at every database.
ARGUMENTS = ["manage.py", "loaddata", "-", "--skip-checks"]
UNKNOWN = "Whether it was written is not known; load it again."
PROGRAM = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from django.core.management import execute_from_command_line
execute_from_command_line({ARGUMENTS})
"""


def _waiting(pipe):
    """Return how many bytes in a pipe have not been read."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]


@pytest.fixture
def process(tmp_path, environment):
    """A `loaddata -` that has saved objects and waits for more."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdin.write(LINES)
        process.stdin.flush()
        while _waiting(process.stdin):
            assert process.poll() is None
        yield process
        process.kill()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_ends_it_in_one_line_and_nothing_is_written(process, number, code):
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)

    assert process.returncode == code
    assert errors == f"Interrupted by {number.name}: nothing was written.\n"
    assert not Author.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_producer_that_dies_within_an_object_leaves_nothing(process):
    _, errors = process.communicate('{"model": "testapp.auth', timeout=30)

    assert process.returncode == 1
    assert errors.startswith("FixtureSyntaxError: stdin: line 4, column 11: no JSON")
    assert errors.count("\n") == 1
    assert not Author.objects.exists()


SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON testapp_author
FOR EACH ROW EXECUTE FUNCTION slow();
"""
BUSY = """
SELECT pid FROM pg_stat_activity WHERE state LIKE %s AND query LIKE %s
AND datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.fixture
def slow_inserts():
    with connection.cursor() as cursor:
        cursor.execute(SLOW)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER slow ON testapp_author; DROP FUNCTION slow")


def backend(process, state, query):
    """Return the process of the server that serves the program in such a state."""
    while process.poll() is None:
        with connection.cursor() as cursor:
            cursor.execute(BUSY, [state, query])
            if row := cursor.fetchone():
                return row[0]
    raise AssertionError(process.stderr.read())


@pytest.mark.skipif(
    not is_psycopg3, reason="psycopg2 heeds no signal before a statement has ended"
)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_a_signal_cancels_the_statement_that_runs(process, slow_inserts, number, code):
    process.stdin.close()
    process.stdin = None
    backend(process, "active", "INSERT INTO%")

    process.send_signal(number)
    _, errors = process.communicate(timeout=30)

    assert process.returncode == code
    assert errors == f"Interrupted by {number.name}: nothing was written.\n"
    assert not Author.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_one_line(process):
    pid = backend(process, "idle in transaction%", "%")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    _, errors = process.communicate(LINES, timeout=30)

    assert process.returncode == 1
    assert errors.startswith("ObjectLoadError: stdin: ")
    assert errors.count("\n") == 1
    assert not Author.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_takes_too_long_is_one_line(loaddata, slow_inserts):
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 50")
    try:
        with pytest.raises(ObjectLoadError) as caught:
            loaddata(LINES)
    finally:
        connection.close()

    assert str(caught.value) == ("stdin: canceling statement due to statement timeout")
    assert not Author.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_lost_at_the_commit_is_one_line(loaddata, monkeypatch):
    def commit():
        monkeypatch.undo()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(connection, "_commit", commit)
    with pytest.raises(ObjectLoadError) as caught:
        loaddata(LINES)
    connection.close()

    assert str(caught.value).startswith("stdin: ")
    assert str(caught.value).endswith(UNKNOWN)
    assert "\n" not in str(caught.value)
    assert not Author.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_signal_at_the_commit_does_not_say_that_nothing_was_written(
    monkeypatch, capsys
):
    def commit():
        really_commit()
        raise KeyboardInterrupt

    really_commit = connection._commit
    monkeypatch.setattr(sys, "stdin", io.StringIO(LINES))
    monkeypatch.setattr(connection, "_commit", commit)
    with pytest.raises(SystemExit) as caught:
        Command().run_from_argv(ARGUMENTS)

    assert caught.value.code == 130
    assert f"Interrupted by SIGINT: w{UNKNOWN[1:]}\n" in capsys.readouterr().err
    assert Author.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_runs_in_another_thread(monkeypatch, capsys):
    def run():
        Command().run_from_argv(ARGUMENTS)

    monkeypatch.setattr(sys, "stdin", io.StringIO(LINES))
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert "Installed 3 object(s)" in capsys.readouterr().out
    assert Author.objects.count() == 3


def test_a_signal_after_the_commit_says_that_all_was_written(monkeypatch, capsys):
    def execute(self, *args, **options):
        self._is_committed = True
        raise KeyboardInterrupt

    monkeypatch.setattr(Command, "execute", execute)
    before = signal.getsignal(signal.SIGTERM)

    with pytest.raises(SystemExit) as caught:
        Command().run_from_argv(ARGUMENTS)

    assert caught.value.code == 130
    assert "Interrupted by SIGINT: all was written before." in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is before
