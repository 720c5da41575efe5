"""manage.py inspect_composite_types: classes from an existing database."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections

from postgres_composite_types.database.catalog import CatalogType, read_types
from postgres_composite_types.database.inspect import source_of

__all__ = ["Command"]


class Command(BaseCommand):
    """Writes to standard output; nothing in the project or the database changes."""

    help = "Write a class for each composite type of a database, as source."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the types and the database."""
        parser.add_argument(
            "type",
            nargs="*",
            help="A type, with its schema or without; none means all of them.",
        )
        parser.add_argument(
            "--database",
            choices=tuple(connections),
            default=DEFAULT_DB_ALIAS,
            help='The database to read; "default" unless you say so.',
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the classes.

        Raises:
            CommandError: it is no PostgreSQL, or it has no such type.
        """
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            message = f"{connection.alias!r} is {connection.vendor}, not PostgreSQL."
            raise CommandError(message)
        found = read_types(connection)
        wanted = options["type"]
        unknown = [
            name for name in wanted if not any(_is(each, name) for each in found)
        ]
        if unknown or not found:
            names = ", ".join(unknown) or "any composite type"
            there = ", ".join(each.name for each in found) or "none"
            message = f"{connection.alias!r} does not have {names}; it has {there}."
            raise CommandError(message)
        self.stdout.write(source_of(_with_nested(found, wanted)), ending="")


def _is(each: CatalogType, name: str) -> bool:
    return name in (each.name, f"{each.schema}.{each.name}")


def _with_nested(found: list[CatalogType], wanted: list[str]) -> list[CatalogType]:
    """Return the wanted types and those inside them; all where none is wanted."""
    by_oid = {each.oid: each for each in found}
    waiting = [
        each for each in found if not wanted or any(_is(each, name) for name in wanted)
    ]
    kept: dict[int, CatalogType] = {}
    while waiting:
        each = waiting.pop()
        kept[each.oid] = each
        waiting += [
            by_oid[attribute.type_oid]
            for attribute in each.attributes
            if attribute.type_oid in by_oid.keys() - kept.keys()
        ]
    return [each for each in found if each.oid in kept]
