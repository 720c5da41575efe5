from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from loaddata_stdin.management.commands.loaddata import Command

from .testapp.models import Author

# More than is read at once, so that the first objects are saved before it waits.
LINE = json.dumps({"model": "testapp.author", "fields": {"name": "%d"}})
LINES = "".join((LINE % n).ljust(100_000) + "\n" for n in range(3))
PROGRAM = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "loaddata", "-", "-v", "3"])
"""


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
        while "Processed 1 " not in process.stdout.readline(80):
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


def test_a_signal_after_the_commit_says_that_all_was_written(monkeypatch, capsys):
    def execute(self, *args, **options):
        self._is_committed = True
        raise KeyboardInterrupt

    monkeypatch.setattr(Command, "execute", execute)

    with pytest.raises(SystemExit) as caught:
        Command().run_from_argv(["manage.py", "loaddata", "-"])

    assert caught.value.code == 130
    assert "Interrupted by SIGINT: all was written before." in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
