"""What a load comes to where its outputs are closed, full, or read by nobody."""

from __future__ import annotations

import errno
import io
import json
import subprocess
import sys

import pytest
from django.core.management import call_command

from loaddata_stdin import LoaddataStdinError

from .test_interrupts import ARGUMENTS, PROGRAM
from .testapp.models import Author

LINE = json.dumps({"model": "testapp.author", "pk": 1, "fields": {"name": "Mei"}})


@pytest.fixture
def shell(tmp_path, environment):
    """Run the program by a shell, with what is behind its options."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.replace(str(ARGUMENTS), f"{ARGUMENTS} + sys.argv[1:]"))

    def run(rest, name="Mei", text=None, **variables):
        return subprocess.run(
            ["bash", "-c", f'"$0" program.py {rest}; exit $PIPESTATUS', sys.executable],
            cwd=tmp_path,
            env={**environment, "PYTHONUNBUFFERED": "", **variables},
            input=text or LINE.replace("Mei", name),
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_outputs_take_everything(shell, closed):
    done = shell(closed)

    assert done.returncode == 0
    assert Author.objects.exists()
    assert ("Installed" in done.stdout) == (closed == "2>&-")


@pytest.mark.django_db(transaction=True)
def test_an_error_that_cannot_be_said_is_in_the_exit_code(shell):
    done = shell("--format nonsense 2>&-")

    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_does_not_hide_that_all_was_written(shell):
    done = shell("--summary json --expect 1 > /dev/full")

    assert done.returncode == 1
    assert done.stderr == (
        "LoaddataStdinError: stdin: all was written, but that cannot be said:"
        " No space left on device.\n"
    )
    assert Author.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_has_seen_enough_is_no_error(shell):
    done = shell("--summary json --expect 1 | true")

    assert (done.returncode, done.stderr) == (0, "")
    assert Author.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize(
    ("options", "kept"),
    [
        ("--diff | true", True),
        ("--diff | head -2 >/dev/null", True),
        ("--dry-run --diff | head -2 >/dev/null", False),
        ("--diff --summary json 2>&1 >/dev/null | head -2 >/dev/null", True),
        ("-v 3 | true", True),
    ],
)
def test_a_reader_that_goes_does_not_end_the_load(shell, options, kept, buffered):
    lines = [
        LINE.replace('"pk": 1', f'"pk": {n}').replace("Mei", f"Mei {n}")
        for n in range(2000)
    ]

    done = shell(
        f"--expect 2000 {options}", text="\n".join(lines), PYTHONUNBUFFERED=buffered
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert Author.objects.count() == (2000 if kept else 0)


@pytest.mark.django_db(transaction=True)
def test_what_a_terminal_cannot_show_is_shown_by_its_number(shell):
    Author.objects.create(pk=1, name="Mei")

    done = shell("--diff", name="Zoë", PYTHONIOENCODING="ascii")

    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert r"name: Mei -> Zo\xeb" in done.stdout


@pytest.mark.django_db
def test_a_caller_keeps_its_outputs(monkeypatch):
    class Full(io.StringIO):
        def flush(self):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(sys, "stdin", io.StringIO(LINE))
    with pytest.raises(LoaddataStdinError, match="the dry run has ended, but"):
        call_command("loaddata", "-", dry_run=True, stdout=Full())
