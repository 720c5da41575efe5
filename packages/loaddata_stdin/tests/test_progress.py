from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest
from django.db import connection

from .test_interrupts import PROGRAM
from .test_load import one

LINES = "".join(json.dumps(one("author", n, name=f"a{n}")) + "\n" for n in range(1, 9))


def run(directory, stderr, **stdin):
    url, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    environment = {
        **os.environ,
        "DATABASE_URL": f"{url}/{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-c", PROGRAM.replace('"-"', '"-", "--dry-run"')]
    return subprocess.run(
        command,
        cwd=directory,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        check=True,
        **stdin,
    )


def on_a_terminal(directory, **stdin):
    """Return what a terminal as standard error gets."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 100, 0, 0))
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        run(directory, theirs, **stdin)
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = terminal.read(65536)
            except OSError:  # Linux: the other end is closed.
                part = b""
            if not part:
                return shown.decode()
            shown += part


@pytest.mark.django_db(transaction=True)
def test_a_terminal_shows_bytes_of_a_file_and_is_left_empty(tmp_path):
    file = tmp_path / "authors.jsonl"
    file.write_text(LINES)
    with file.open() as stdin:
        shown = on_a_terminal(tmp_path, stdin=stdin)

    bars, _, after = shown.partition("stdin: nothing marks its end")
    assert f"{len(LINES)}/{len(LINES)}" in bars
    assert "writing testapp.author" in bars
    assert bars.split("\r")[-2].strip() == bars.split("\r")[-1] == ""
    assert after.count("\n") == 1


@pytest.mark.django_db(transaction=True)
def test_a_terminal_shows_the_objects_of_a_pipe(tmp_path):
    assert "obj" in on_a_terminal(tmp_path, input=LINES)


@pytest.mark.django_db(transaction=True)
def test_what_is_no_terminal_gets_no_control_character(tmp_path):
    done = run(tmp_path, subprocess.PIPE, input=LINES)

    assert done.stderr.startswith("stdin: nothing marks its end")
    assert "\r" not in done.stdout + done.stderr
    assert "\x1b" not in done.stdout + done.stderr
