from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys

import pytest

from .drivers import answers

POSTGRESQL = ("run", "--services", "postgresql")
THROW_AWAY = (*POSTGRESQL, "--throw-away", "--")
QUERIES = """
import os
from tests.drivers import ask
print(ask(os.environ["DATABASE_URL"], "SELECT 42"))
exit(7)
"""
# Each says where its database is first, and ends when its input does.
WAITS = """
import os
print(os.environ["DATABASE_URL"], flush=True)
input()
"""
# The signal must reach it once, with the database still there.
CLEANS_UP = """
import os, signal, sys
from tests.drivers import ask
got = []
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, frame: got.append(number))
print(os.environ["DATABASE_URL"], flush=True)
while not got:
    signal.pause()
print(ask(os.environ["DATABASE_URL"], "SELECT 42"), flush=True)
sys.stdin.readline()
print(*map(int, got), flush=True)
sys.exit(5)
"""


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


@pytest.fixture
def given(command_line, server):
    """The command line with the address of a running server."""
    command_line.environ["DATABASE_URL"] = server.url()
    return command_line


def test_a_command_gets_a_database_and_gives_its_exit_code(command_line):
    ended = command_line(*THROW_AWAY, *python(QUERIES))

    assert (ended.returncode, ended.stdout) == (7, "42\n"), ended.stderr
    assert "PostgreSQL 18" in ended.stderr
    assert "PostgreSQL stopped" in ended.stderr


def test_a_command_finds_the_servers_own_programs_after_the_users(command_line):
    command_line.environ["PATH"] = "/usr/bin:/bin"

    ended = command_line(*THROW_AWAY, "sh", "-c", "echo $PATH; pg_dump --version")

    assert ended.stdout.startswith("/usr/bin:/bin:")
    assert "pg_dump (PostgreSQL)" in ended.stdout


@pytest.mark.parametrize("name", ["DATABASE_URL", "DB_DEFAULT_URL"])
def test_an_address_that_is_set_is_handed_on(command_line, server, name):
    command_line.environ[name] = server.url()

    ended = command_line(*POSTGRESQL, "--", *python(WAITS.replace("input()", "")))

    assert ended.stdout.strip() == server.url()
    assert "answers at 127.0.0.1:" in ended.stderr
    assert "started" not in ended.stderr


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"DATABASE_URL": "postgresql://u:s3cret@127.0.0.1:1/db"}, "127.0.0.1:1"),
        (
            {"DATABASE_URL": "mysql://u:s3cret@h/db"},
            "a scheme that is not PostgreSQL's",
        ),
        (
            {"DATABASE_URL": "postgres://h/1", "DB_DEFAULT_URL": "postgres://h/2"},
            "different databases",
        ),
    ],
)
def test_an_address_that_does_not_work_is_an_error_and_nothing_is_run(
    command_line, environ, says
):
    command_line.environ.update(environ)

    ended = command_line(*POSTGRESQL, "--", "echo", "run")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert says in ended.stderr
    assert ended.stderr.startswith("error: ")
    assert ended.stderr.count("\n") == 1
    assert "s3cret" not in ended.stderr


def test_a_command_ended_by_a_signal_is_told_as_a_shell_tells_it(given):
    ended = given(*POSTGRESQL, "--", "sh", "-c", "kill -KILL $$")

    assert ended.returncode == 128 + signal.SIGKILL


def test_a_command_that_does_not_exist_is_127(given):
    ended = given(*POSTGRESQL, "--", "no such program", "--option")

    assert ended.returncode == 127
    assert "error: no such program: No such file or directory" in ended.stderr


def test_options_of_the_command_are_its_own(given):
    ended = given(*POSTGRESQL, "--", "echo", "--throw-away", "--", "-x")

    assert ended.stdout == "--throw-away -- -x\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run",), "run needs a command"),
        (("run", "--services", "mysql", "--", "true"), "'mysql' is none of postgresql"),
        ((), "required: action"),
    ],
)
def test_a_wrong_command_line_is_explained(command_line, arguments, says):
    ended = command_line(*arguments)

    assert ended.returncode == 2
    assert says in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_passed_to_the_command(given, number):
    run = given.start(*POSTGRESQL, "--", *python(CLEANS_UP))
    run.stdout.readline()

    run.send_signal(number)
    answer = run.stdout.readline()
    received, _ = run.communicate("\n", timeout=30)

    assert (answer, received) == ("42\n", f"{int(number)}\n")
    assert run.returncode == 5


def test_a_signal_that_was_ignored_stays_so(given):
    run = given.start(
        *POSTGRESQL,
        *("--", *python(WAITS)),
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    run.stdout.readline()

    run.send_signal(signal.SIGHUP)
    run.communicate("\n", timeout=30)

    assert run.returncode == 0


def test_ctrl_c_reaches_the_command_once_and_the_server_outlives_it(command_line):
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        **command_line.arguments(*THROW_AWAY, *python(CLEANS_UP)),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),
    )
    url = run.stdout.readline().strip()

    os.write(ours, b"\x03")
    answer = run.stdout.readline()
    os.write(ours, b"\n")
    received, said = run.communicate(timeout=30)
    os.close(ours)
    os.close(theirs)

    assert (answer, received) == ("42\n", f"{int(signal.SIGINT)}\n"), said
    assert run.returncode == 5
    assert not answers(url)


def test_explain_is_a_table_for_readers(given, server):
    ended = given("explain", "--services", "postgresql")

    assert ended.returncode == 0
    header, row, *remarks = ended.stdout.splitlines()
    assert header.split() == ["service", "provider", "version", "runs", "address"]
    assert row.split()[:4] == ["postgresql", "environment", server.version, "yes"]
    assert remarks == ["postgresql: not embedded: DATABASE_URL is set and comes first"]


def test_explain_is_json_for_programs(command_line):
    ended = command_line("explain", "--json")

    explained = json.loads(ended.stdout)
    assert explained["postgresql"]["provider"] == "embedded"
    assert explained["postgresql"]["running"] is False
    assert explained["elasticsearch"].keys() >= {"provider", "rejected", "major"}


def test_explain_of_an_address_that_does_not_work_fails_with_the_reason(command_line):
    command_line.environ["DATABASE_URL"] = "postgresql://u:s3cret@127.0.0.1:1/db"

    ended = command_line("explain", "--services", "postgresql")

    assert ended.returncode == 1
    assert "Connection refused" in ended.stdout
    assert "s3cret" not in ended.stdout


def test_a_failure_to_start_is_one_line_and_the_command_is_not_run(command_line):
    command_line.folder.joinpath(".services").touch()

    ended = command_line(*POSTGRESQL, "--", "echo", "run")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("error: ")
    assert ended.stderr.count("\n") == 1
