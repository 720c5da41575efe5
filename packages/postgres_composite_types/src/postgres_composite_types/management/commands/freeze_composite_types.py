"""manage.py freeze_composite_types."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.migrations.loader import MigrationLoader

from postgres_composite_types.detection.freeze import calls_in, freeze
from postgres_composite_types.operations import CreateCompositeType, CreateFromClass

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from django.db.models import Field

    from postgres_composite_types.types import CompositeType


class Command(BaseCommand):
    """Writes out the calls of `Address.Operation()` in the migrations."""

    help = (
        "Rewrites Address.Operation() in migrations into CreateCompositeType with the"
        " members that the database has, so that changes are detected from then on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument(
            "--database", default=DEFAULT_DB_ALIAS, help="whose members to freeze"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="print the migrations, write nothing"
        )

    def handle(self, *, database: str, dry_run: bool, **options: Any) -> None:
        """Rewrite the migrations, all of them or none."""
        connection = connections[database]
        rewritten = {}
        for module in _unfrozen_modules():
            path = Path(module.__file__)
            text = path.read_text("utf-8")
            frozen = {
                call.type_class._meta.label: _frozen(connection, call.type_class)
                for call in calls_in(text, vars(module))
            }
            rewritten[path] = freeze(text, vars(module), frozen), sorted(frozen)
        for path, (text, labels) in rewritten.items():
            if dry_run:
                self.stdout.write(text)
            else:
                path.write_text(text, "utf-8")
                self.stdout.write(f"{path}: {', '.join(labels)} frozen.")
        if not rewritten:
            self.stderr.write("Every composite type is frozen.")


def _unfrozen_modules() -> list[Any]:
    """Return the modules of the migrations that hold a call."""
    loader = MigrationLoader(None)
    return [
        sys.modules[type(migration).__module__]
        for _, migration in sorted(loader.disk_migrations.items())
        if any(isinstance(each, CreateFromClass) for each in migration.operations)
    ]


def _frozen(connection: Any, type_class: type[CompositeType]) -> CreateCompositeType:
    """Return the operation that creates what the database has."""
    meta = type_class._meta
    declared = {field.column: field for field in meta.fields}
    members = []
    with connection.cursor() as cursor:
        for column, sql_type, kind in _attributes(cursor, meta):
            field = declared.get(column)
            if field is None or _kind(cursor, str(field.db_type(connection))) != kind:
                field = _field(connection, f"{meta.label}.{column}", sql_type, kind)
                field.set_attributes_from_name(column)
            members.append((field.name, field.clone()))
    return CreateCompositeType(meta.name, members, meta.db_type, meta.schema)


def _attributes(cursor: Any, meta: Any) -> list[tuple[str, str, Any]]:
    """Return name, SQL type and driver's description of each attribute."""
    cursor.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_type t"
        " JOIN pg_attribute a ON attrelid = typrelid"
        " WHERE t.oid = to_regtype(%s) AND attnum > 0 AND NOT attisdropped"
        " ORDER BY attnum",
        [meta.qualified_name],
    )
    found = cursor.fetchall()
    if not found:
        message = (
            f"{meta.label}: the database has no type {meta.qualified_name};"
            " run migrate first, or name another with --database."
        )
        raise CommandError(message)
    return [(name, sql_type, _kind(cursor, sql_type)) for name, sql_type in found]


def _kind(cursor: Any, sql_type: str) -> tuple[Any, ...]:
    """Return a driver's description of a type: equal types have equal ones."""
    cursor.execute(f"SELECT NULL::{sql_type}")
    return tuple(cursor.description[0][1:6])


def _field(
    connection: Any, place: str, sql_type: str, kind: tuple[Any, ...]
) -> Field[Any, Any]:
    """Return a field for a member that the class does not have like that."""
    name = connection.introspection.data_types_reverse.get(kind[0])
    if name is None:
        message = (
            f"{place}: no field is known for {sql_type};"
            " write CreateCompositeType into the migration by hand."
        )
        raise CommandError(message)
    numbers = [int(number) for number in re.findall(r"\d+", sql_type)]
    options: dict[str, Any] = {}
    if name == "CharField" and numbers:
        options["max_length"] = numbers[0]
    if name == "DecimalField" and numbers:
        options = {"max_digits": numbers[0], "decimal_places": numbers[1]}
    made: Field[Any, Any] = getattr(models, name)(**options)
    return made
