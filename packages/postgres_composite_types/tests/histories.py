"""Histories of migrations: made by the autodetector, run on databases of their own."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from shutil import which
from typing import ClassVar
from urllib.parse import quote

from django.core.management.commands import makemigrations
from django.db import connections, models
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.optimizer import MigrationOptimizer
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter

from postgres_composite_types import CompositeTypeField
from postgres_composite_types.schema.state import TypeState, types_in


def composite(label, db_type, *, schema=None, **members):
    app_label, name = label.split(".")
    return TypeState(app_label, name, db_type, members, schema)


def model(label, *, indexes=(), constraints=(), **fields):
    app_label, name = label.split(".")
    return ModelState(
        app_label,
        name,
        [("id", models.BigAutoField(primary_key=True)), *fields.items()],
        {"indexes": list(indexes), "constraints": list(constraints)},
    )


def address(**options):
    return CompositeTypeField("geo.Address", **options)


class Questioner(MigrationQuestioner):
    def __init__(self):
        super().__init__({"ask_rename": True, "ask_rename_model": True})

    def ask_initial(self, app_label):
        return True


class Loader(MigrationLoader):
    """Loads the migrations of a History instead of those on disk."""

    def __init__(self, connection, migrations, unmigrated=()):
        self.memory = migrations
        self.unmigrated = set(unmigrated)
        super().__init__(connection, replace_migrations=True)

    def load_disk(self):
        self.disk_migrations = dict(self.memory)
        self.migrated_apps = {app_label for app_label, _ in self.memory}
        self.unmigrated_apps = self.unmigrated


@dataclass
class History:
    """A project's migrations, and the databases that they have run on."""

    migrations: dict = field(default_factory=dict)
    texts: dict = field(default_factory=dict)
    unmigrated: set = field(default_factory=set)

    def evolve(self, *declared, answers=None):
        """Make the migrations for what is declared now; return their operations."""
        loader = Loader(None, self.migrations, self.unmigrated)
        state = ProjectState()
        for each in declared:
            if isinstance(each, TypeState):
                types_in(state)[each.key] = each
            else:
                state.add_model(each.clone())
        detector = makemigrations.Command.autodetector(
            loader.project_state(), state, answers or Questioner()
        )
        changes = detector.changes(loader.graph)
        for app_label, migrations in changes.items():
            for migration in migrations:
                self.add(app_label, migration)
        return [
            f"{app_label}: {operation.describe()}"
            for app_label, name in sorted(self.migrations)
            if name in {m.name for m in changes.get(app_label, ())}
            for operation in self.migrations[app_label, name].operations
        ]

    def add(self, app_label, migration):
        """Take a migration in as the file that makemigrations would write."""
        text = MigrationWriter(migration).as_string()
        namespace = {}
        exec(text, namespace)
        read = namespace["Migration"](migration.name, app_label)
        self.texts[app_label, migration.name] = text
        self.migrations[app_label, migration.name] = read

    def named(self, start):
        return [
            each for each in self.migrations.values() if each.name.startswith(start)
        ]

    def squashed(self, app_label):
        """Return the migration that squashmigrations would leave of an app."""
        operations = [
            operation
            for key, migration in sorted(self.migrations.items())
            if key[0] == app_label
            for operation in migration.operations
        ]
        made = Migration("0001_squashed", app_label)
        made.operations = MigrationOptimizer().optimize(operations, app_label)
        return made

    @property
    def leaves(self):
        return Loader(None, self.migrations).graph.leaf_nodes()


EMPTY = """
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT nspname FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', name);
    END LOOP;
    CREATE SCHEMA public;
END $$
"""


class Database:
    """A database that nothing else uses, with a connection of its own.

    One that is not used any more is emptied for the next: that takes a tenth of the
    time that a new one does.
    """

    numbers = count()
    idle: ClassVar[list[str]] = []

    def __enter__(self):
        self.name = self.idle.pop() if self.idle else self._created()
        self.connection = connections["default"].copy(self.name)
        self.connection.settings_dict["NAME"] = self.name
        connections[self.name] = self.connection
        self.run(EMPTY)
        return self

    def __exit__(self, *exc):
        self.connection.close()
        del connections[self.name]
        self.idle.append(self.name)

    def _created(self):
        name = f"history_{os.getpid()}_{next(self.numbers)}"
        self._on_server(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    @classmethod
    def drop_idle(cls):
        """Drop the databases when no test is left."""
        while cls.idle:
            cls._on_server(f"DROP DATABASE {cls.idle.pop()} WITH (FORCE)")

    @staticmethod
    def _on_server(sql):
        server = connections["default"].copy()
        server.settings_dict["NAME"] = "postgres"
        with server.cursor() as cursor:
            cursor.execute(sql)
        server.close()

    def url(self):
        """Return what DATABASE_URL says to a process that shall use it."""
        parts = self.connection.get_connection_params()
        user, password, host = (
            quote(str(parts.get(key) or ""), safe="")
            for key in ("user", "password", "host")
        )
        return f"postgresql://{user}:{password}@{host}:{parts.get('port', 5432)}/{self.name}"

    def migrate(self, history, *targets):
        """Run the migrations up, or down, to the targets; by default all of them."""
        executor = MigrationExecutor(self.connection)
        executor.loader = Loader(self.connection, history.migrations)
        executor.migrate(list(targets) or history.leaves)

    def run(self, sql):
        """Run SQL and return its rows."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def writer(self, sql):
        """Let another session hold the locks of some SQL."""
        other = self.connection.copy(self.name)
        other.set_autocommit(False)
        try:
            with other.cursor() as cursor:
                cursor.execute(sql)
            yield
        finally:
            other.close()

    def pg_dump(self):
        """Return the server's own, which our services put last on PATH.

        An older one refuses the server.
        """
        folders = reversed(os.environ["PATH"].split(os.pathsep))
        return next(filter(None, (which("pg_dump", path=path) for path in folders)))

    def schema(self):
        """Return what pg_dump says of the schema, without what differs by the run."""
        settings = self.connection.get_connection_params()
        environ = {
            "PGHOST": str(settings["host"]),
            "PGPORT": str(settings["port"]),
            "PGUSER": str(settings["user"]),
            "PGPASSWORD": str(settings.get("password") or ""),
            "PATH": os.environ["PATH"],
        }
        done = subprocess.run(
            [
                self.pg_dump(),
                "--schema-only",
                "--exclude-table=django_migrations*",
                self.name,
            ],
            env=environ,
            check=True,
            capture_output=True,
            text=True,
        )
        return [
            line
            for line in done.stdout.splitlines()
            if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))
        ]
