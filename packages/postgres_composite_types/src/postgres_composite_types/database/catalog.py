"""The composite types that a database has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["Attribute", "CatalogType", "read_types"]

# Each table has a row type too (relkind 'r'), which is none of ours; what belongs to an
# extension (deptype 'e') is its own affair.
_QUERY = """
SELECT t.oid::bigint, n.nspname, t.typname, pg_type_is_visible(t.oid),
       a.attname, format_type(coalesce(e.oid, a.atttypid), a.atttypmod),
       coalesce(e.oid, a.atttypid)::bigint,
       CASE WHEN e.oid IS NULL THEN 0 ELSE greatest(a.attndims, 1) END
FROM pg_type t
JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type b ON b.oid = a.atttypid
LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname, t.typname, a.attnum
"""


@dataclass(frozen=True)
class Attribute:
    """One attribute of a type.

    Args:
        name: as the database spells it.
        type_name: as `format_type` names it, of one element if it is an array.
        type_oid: of one element if it is an array.
        dimensions: 0 unless it is an array.
    """

    name: str
    type_name: str
    type_oid: int
    dimensions: int


@dataclass(frozen=True)
class CatalogType:
    """One composite type with its attributes in their physical order.

    Args:
        is_visible: whether its name alone, without the schema, finds it.
    """

    oid: int
    schema: str
    name: str
    is_visible: bool
    attributes: tuple[Attribute, ...]


def read_types(connection: BaseDatabaseWrapper) -> list[CatalogType]:
    """Return the types that somebody created, by schema and name, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_QUERY)
        rows = cursor.fetchall()
    found: dict[tuple[int, str, str, bool], list[Attribute]] = {}
    for *head, name, type_name, type_oid, dimensions in rows:
        attribute = Attribute(name, type_name, type_oid, dimensions)
        found.setdefault(tuple(head), []).append(attribute)
    return [CatalogType(*head, tuple(found[head])) for head in found]
