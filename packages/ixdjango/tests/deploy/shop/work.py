"""The callables of the shop's steps."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from django.db import connection, connections

from ixdjango.exceptions import DeployError

FOLDER = Path(os.environ.get("SHOP_FOLDER", "."))


def note(text):
    from tests.deploy.shop.models import Note

    time.sleep(0.02)
    Note.objects.create(text=text)
    time.sleep(0.02)


def local(text="local"):
    sys.stdout.write(f"{text} in {os.getpid()}\n")
    sys.stdout.flush()


def wait():
    """Wait until the test lets us go on."""
    note("waits")
    (FOLDER / f"waits-{os.getpid()}").touch()
    while not (FOLDER / "go").exists():
        time.sleep(0.01)


def fail():
    raise ValueError("no such shelf")


def sleep_in_the_database():
    note("sleeps")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(600)")


def shout():
    os.write(1, b"x" * 5_000_000 + b"\n")


def show_timeouts():
    connections.close_all()
    with connection.cursor() as cursor:
        for name in ("lock_timeout", "statement_timeout", "application_name"):
            cursor.execute(f"SHOW {name}")
            sys.stdout.write(f"{name} {cursor.fetchone()[0]}\n")
    sys.stdout.flush()


def is_odd():
    return False


def broken():
    raise DeployError("from a step")
