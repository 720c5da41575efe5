"""Where the declared types and those of a database differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.db.migrations.loader import MigrationLoader

from postgres_composite_types.database.catalog import Attribute, CatalogType
from postgres_composite_types.operations import CreateCompositeType
from postgres_composite_types.operations.types import CreateFromClass

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    from postgres_composite_types.declare.definition import Definition

__all__ = [
    "creating_migration",
    "cure_for_missing",
    "differences",
    "element_type",
    "resolve",
]


def element_type(db_type: str) -> str:
    """Return a column type without array brackets and numbers: "varchar(9)[]"."""
    return re.sub(r"\(\d[\d, ]*\)|(\[\d*\])+$", "", db_type)


def resolve(
    connection: BaseDatabaseWrapper, names: Iterable[str]
) -> dict[str, int | None]:
    """Return what the database finds under type names; None under unknown ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, to_regtype(name)::oid::bigint FROM unnest(%s::text[]) name",
            [sorted(set(names))],
        )
        return dict(cursor.fetchall())


def differences(
    definition: Definition,
    found: CatalogType,
    connection: BaseDatabaseWrapper,
    oids: Mapping[str, int | None],
) -> Iterator[str]:
    """Yield what is different, a phrase each, in the order of the members.

    The order of the attributes is no difference: members are found by name. `oids` has
    what the database finds under the members' element types.
    """
    attributes = {attribute.name: attribute for attribute in found.attributes}
    for member in definition.fields:
        attribute = attributes.pop(str(member.column), None)
        if attribute is None:
            yield f"it has no {member.column}"
        elif not _is_alike(attribute, db_type := str(member.db_type(connection)), oids):
            brackets = "[]" * attribute.dimensions
            yield f"{member.column} is {attribute.type_name}{brackets}, not {db_type}"
    yield from (f"the class has no {name}" for name in attributes)


def _is_alike(
    attribute: Attribute, db_type: str, oids: Mapping[str, int | None]
) -> bool:
    return (
        attribute.type_oid == oids.get(element_type(db_type))
        # PostgreSQL does not hold an array to its dimensions.
        and bool(attribute.dimensions) == db_type.endswith("]")
        and _numbers(attribute.type_name) == _numbers(db_type)
    )


def _numbers(type_name: str) -> list[str]:
    found = re.search(r"\((\d[\d, ]*)\)", type_name)
    return re.findall(r"\d+", found[1]) if found else []


def creating_migration(definition: Definition) -> tuple[str, str] | None:
    """Return the app label and the name of the migration that creates a type."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (label, name), migration in sorted(loader.disk_migrations.items()):
        if label == definition.app_label and any(
            _creates(each, definition) for each in migration.operations
        ):
            return label, name
    return None


def cure_for_missing(definition: Definition) -> str:
    """Return what to do about a type that the database does not have."""
    app_label = definition.app_label
    if not definition.managed:
        return "Create it: Meta.managed is False, so migrations do not."
    if creator := creating_migration(definition):
        return f"Run manage.py migrate {app_label}: {creator[1]} creates it."
    if app_label not in MigrationLoader(None, ignore_no_migrations=True).migrated_apps:
        return "Run manage.py migrate --run-syncdb."
    return f"Run manage.py makemigrations {app_label}, then manage.py migrate."


def _creates(operation: Any, definition: Definition) -> bool:
    return (
        isinstance(operation, CreateCompositeType | CreateFromClass)
        and operation.type_name_lower == definition.model_name
    )
