"""A model that changes: what makemigrations writes for it, applied and taken back."""

from __future__ import annotations

from contextlib import contextmanager

from django.apps.registry import Apps
from django.db import connection, models, transaction
from django.db.migrations import Migration
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.questioner import MigrationQuestioner
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter


@contextmanager
def in_transaction():
    """Yield a schema editor; Django's own leaves its block open if the queue fails."""
    with transaction.atomic(), connection.schema_editor(atomic=False) as editor:
        yield editor


class Agreeing(MigrationQuestioner):
    """Says yes where a field or a model seems to be renamed."""

    def ask_rename(self, *args):
        return True

    def ask_rename_model(self, *args):
        return True


def model(name="Item", bases=(models.Model,), /, meta=None, **fields):
    options = {"app_label": "past", "apps": Apps(), **(meta or {})}
    body = {"__module__": "past.models", "Meta": type("Meta", (), options), **fields}
    return type(name, bases, body)


def flags(field, **fields):
    """Return a model with this field."""
    return model(flags=field, **fields)


def read_back(operations):
    """Return the operations as the file of a migration has them."""
    migration = type("Migration", (Migration,), {"operations": operations})("0001", "x")
    namespace = {}
    exec(MigrationWriter(migration).as_string(), namespace)
    return namespace["Migration"].operations


class History:
    def __init__(self):
        self.state = ProjectState()
        self.steps = []

    def detect(self, *new_models):
        """Return the operations that makemigrations writes to come to these models."""
        wanted = ProjectState()
        for each in new_models:
            wanted.add_model(ModelState.from_model(each))
        detector = MigrationAutodetector(
            self.state, wanted, Agreeing(specified_apps={"past"})
        )
        changes = detector.changes(graph=Graph(), trim_to_apps={"past"})
        return read_back(
            [op for each in changes.get("past", ()) for op in each.operations]
        )

    def apply(self, operations):
        step = Migration("step", "past")
        step.operations = list(operations)
        before = self.state.clone()
        with in_transaction() as editor:
            self.state = step.apply(self.state.clone(), editor)
        self.steps.append((step, before))

    def become(self, *new_models):
        operations = self.detect(*new_models)
        self.apply(operations)
        return operations

    def back(self):
        step, before = self.steps.pop()
        with in_transaction() as editor:
            step.unapply(before.clone(), editor)
        self.state = before

    def collected_sql(self, operations):
        step = Migration("step", "past")
        step.operations = list(operations)
        with connection.schema_editor(collect_sql=True, atomic=True) as editor:
            step.apply(self.state.clone(), editor, collect_sql=True)
        return "\n".join(editor.collected_sql)


class Graph:
    """No migrations yet, as far as names go."""

    def leaf_nodes(self, app=None):
        return []


def execute(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall() if cursor.description else None


def insert(*arrays, table="past_item", column="flags"):
    for each in arrays:
        execute(f"INSERT INTO {table} ({column}) VALUES (%s)", list(each))


def stored(table="past_item", column="flags"):
    return [row for (row,) in execute(f"SELECT {column} FROM {table} ORDER BY id")]


def checks(table="past_item"):
    """Return the CHECKs of a table, and whether the rows were looked at."""
    return execute(
        "SELECT pg_get_constraintdef(oid), convalidated FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'c'",
        table,
    )


def file_node(table="past_item"):
    return execute("SELECT relfilenode FROM pg_class WHERE oid = %s::regclass", table)
