"""A project in a folder, as a user has one."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.histories import Database

OURS = "postgres_composite_types"
SETTINGS = """
import dj_database_url, os
DATABASES = {{"default": dj_database_url.parse(os.environ["DATABASE_URL"])}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.postgres", *{apps!r}]
SECRET_KEY = "tests"
USE_TZ = True
"""
GEO = """
from django.db import models
from postgres_composite_types import CompositeType

class Address(CompositeType):
    suburb = models.CharField(max_length=50)
    number = models.IntegerField()

    class Meta:
        db_type = "x_address"
"""
SHOP = """
from django.contrib.postgres.fields import ArrayField
from django.db import models
from geo.models import Address

class Person(models.Model):
    address = Address.Field(null=True, blank=True)
    previous = ArrayField(Address.Field(), default=list)
"""
ROUND_TRIP = """
from geo.models import Address
from shop.models import Person
home = Address("Fitzroy", 7)
Person.objects.create(address=home, previous=[home])
found = Person.objects.filter(address__suburb="Fitzroy").get()
assert found.address == home and found.previous == [home]
print("it works")
"""


# A command that answers every question of those after it.
YES = ["python", "import builtins; builtins.input = lambda *_: 'y'"]


class Project:
    """A folder with settings and apps; its commands run in a process of their own."""

    def __init__(self, path, database, zygote):
        self.path, self.database, self.zygote = path, database, zygote

    def write(self, name, text):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def edit(self, name, old, new):
        text = (self.path / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def run(self, *commands, url=None, fails=False):
        """Run commands one after the other in a new process; return the output."""
        output = self.path / "output.txt"
        job = {
            "commands": commands,
            "environ": {
                "DATABASE_URL": url or self.database.url(),
                "DJANGO_SETTINGS_MODULE": "settings",
            },
            "output": str(output),
            "path": str(self.path),
        }
        print(json.dumps(job), file=self.zygote.stdin, flush=True)
        code = int(self.zygote.stdout.readline())
        said = output.read_text("utf-8")
        assert bool(code) == fails, said
        return said

    def replayed(self):
        """Return the schema that all migrations make of a new database."""
        with Database() as fresh:
            self.run(["migrate"], url=fresh.url())
            return fresh.schema()


@contextmanager
def zygote_process():
    """Yield a process that runs the commands of projects in forks of itself."""
    command = [
        sys.executable,
        "-B",
        "-W",
        "error",
        Path(__file__).with_name("zygote.py"),
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.stdin.close()
