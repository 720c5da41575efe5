"""Classes for the composite types that a database has already, as source.

Whoever may create a type chooses its names, and somebody else runs the source: each name
becomes an identifier, a `repr` or a comment that ends with its line.
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter

from django.core.management.commands.inspectdb import Command as InspectDB

from postgres_composite_types.database.catalog import Attribute, CatalogType

__all__ = ["source_of"]

# By the name that format_type gives, without the numbers in parentheses.
_FIELDS = {
    "bigint": "models.BigIntegerField",
    "boolean": "models.BooleanField",
    "bytea": "models.BinaryField",
    "character varying": "models.CharField",
    "date": "models.DateField",
    "daterange": "postgres.DateRangeField",
    "double precision": "models.FloatField",
    "hstore": "postgres.HStoreField",
    "inet": "models.GenericIPAddressField",
    "int4range": "postgres.IntegerRangeField",
    "int8range": "postgres.BigIntegerRangeField",
    "integer": "models.IntegerField",
    "interval": "models.DurationField",
    "jsonb": "models.JSONField",
    "numeric": "models.DecimalField",
    "numrange": "postgres.DecimalRangeField",
    "smallint": "models.SmallIntegerField",
    "text": "models.TextField",
    "time without time zone": "models.TimeField",
    "timestamp with time zone": "models.DateTimeField",
    "tstzrange": "postgres.DateTimeRangeField",
    "uuid": "models.UUIDField",
}


def source_of(types: Iterable[CatalogType]) -> str:
    """Return a module with a class for each type, those that others contain first.

    What a database type has no field for becomes a TextField with a comment.
    """
    by_oid = {each.oid: each for each in types}
    names = _class_names(by_oid.values())
    uses = {
        oid: [a.type_oid for a in each.attributes if a.type_oid in by_oid]
        for oid, each in by_oid.items()
    }
    classes = [
        "\n".join(_class_lines(by_oid[oid], names))
        for oid in TopologicalSorter(uses).static_order()
    ]
    body = "\n\n\n".join(classes)
    imports = ["from django.db import models"]
    if "postgres." in body:
        imports.insert(0, "from django.contrib.postgres import fields as postgres")
    header = "\n".join(
        [*imports, "", "from postgres_composite_types import CompositeType"]
    )
    return f"{header}\n\n\n{body}\n"


def _class_names(types: Iterable[CatalogType]) -> dict[int, str]:
    names: dict[int, str] = {}
    taken = {"CompositeType"}
    for each in types:
        candidates = [
            InspectDB().normalize_table_name(each.name),
            InspectDB().normalize_table_name(f"{each.schema}_{each.name}"),
            f"Type{each.oid}",
        ]
        names[each.oid] = next(
            name for name in candidates if _is_name(name) and name not in taken
        )
        taken.add(names[each.oid])
    return names


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def _class_lines(each: CatalogType, names: Mapping[int, str]) -> Iterator[str]:
    yield f"class {names[each.oid]}(CompositeType):"
    used: list[str] = []
    for attribute in each.attributes:
        name, options, notes = InspectDB().normalize_col_name(
            attribute.name, used, is_relation=False
        )
        # Python reads identifiers in this form: two names may be one.
        name = unicodedata.normalize("NFKC", name)
        if not _is_name(name) or name in used:
            name = f"attribute_{len(used)}"
        if name != attribute.name:
            options = {"db_column": attribute.name}
        used.append(name)
        field, arguments, guesses = _field_of(attribute, names)
        for _ in range(attribute.dimensions):
            arguments = [f"{field}({', '.join(arguments)})"]
            field = "postgres.ArrayField"
        # The database cannot say that an attribute is never null.
        nullable: dict[str, object] = {"null": True, "blank": True, **options}
        arguments += [f"{key}={value!r}" for key, value in nullable.items()]
        comment = "".join(f"  # {note}" for note in [*notes, *guesses])
        yield f"    {name} = {field}({', '.join(arguments)}){comment}"
    yield ""
    yield "    class Meta:"
    yield f"        db_type = {each.name!r}"
    if not each.is_visible:
        yield f"        schema = {each.schema!r}"
    yield "        managed = False"


def _field_of(
    attribute: Attribute, names: Mapping[int, str]
) -> tuple[str, list[str], list[str]]:
    """Return the field's class, its arguments, and a remark where it is a guess."""
    if attribute.type_oid in names:
        return f"{names[attribute.type_oid]}.Field", [], []
    type_name = attribute.type_name
    shown = type_name if type_name.isprintable() else repr(type_name)
    guess = [f"A guess: it is {shown}."]
    base, _, numbers = attribute.type_name.removesuffix(")").partition("(")
    match base, numbers.split(",") if numbers else []:
        case "character varying", [length]:
            return _FIELDS["character varying"], [f"max_length={int(length)}"], []
        case "numeric", [digits, places]:
            arguments = [f"max_digits={int(digits)}", f"decimal_places={int(places)}"]
            return _FIELDS["numeric"], arguments, []
        case "numeric", _:
            return _FIELDS["numeric"], ["max_digits=30", "decimal_places=15"], guess
        case _:
            field = _FIELDS.get(attribute.type_name)
            return field or "models.TextField", [], [] if field else guess
