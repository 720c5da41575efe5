"""The statements that send stored values through a changed type."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path


def swap_member(
    type_name: str, member: str, new_type: str, collation: str | None
) -> str:
    """Return the SQL that gives a member another type, wherever it is stored.

    Args:
        type_name: The quoted name of the composite type.
        member: The attribute's name, not quoted.
        new_type: Its new type as SQL.
        collation: The quoted name of its collation; None means the type's own.
    """
    return statement(
        "swap.sql",
        type=type_name,
        member=member,
        new_type=new_type,
        new_collation=collation,
    )


def reorder_members(type_name: str, members: list[str]) -> str:
    """Return the SQL that puts the attributes into the order of `members`."""
    return statement("swap.sql", type=type_name, member_order=members)


def fill_member(type_name: str, member: str, expression: str) -> str:
    """Return the SQL that gives a member the value of an SQL expression.

    Every value of the type that is stored gets it; NULL stays NULL.
    """
    return statement("swap.sql", type=type_name, member=member, fill=expression)


def fill_blocks(
    type_name: str, member: str, expression: str, table: str, blocks: range
) -> str:
    """Return the SQL that gives a member the value of an expression in a part of a table.

    Only rows that this changes are written.
    """
    return statement(
        "swap.sql",
        type=type_name,
        member=member,
        fill=expression,
        only_table=table,
        first_block=str(blocks.start),
        end_block=str(blocks.stop),
    )


def fill_tables(type_name: str) -> str:
    """Return the query for the tables that store a type, and the rows in a block."""
    return statement("fill_tables.sql", type=type_name)


def quote_literal(value: str | list[str] | None) -> str:
    """Return a value as an SQL literal, a list as an array of text."""
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return f"ARRAY[{', '.join(map(quote_literal, value))}]::text[]"
    quoted = value.replace("'", "''")
    if "\\" in value:
        return "E'{}'".format(quoted.replace("\\", "\\\\"))
    return f"'{quoted}'"


def statement(file_name: str, **values: str | list[str] | None) -> str:
    """Return the SQL of a file with a literal for each of its variables."""
    return re.sub(
        r":'(\w+)'",
        lambda match: quote_literal(values.get(match[1])),
        _template(file_name),
    )


@cache
def _template(file_name: str) -> str:
    """Return the text of a file with those that it includes, as psql does it."""
    text = (Path(__file__).parent / "sql" / file_name).read_text("utf-8")
    return re.sub(r"\\ir (\S+)", lambda match: _template(match[1]), text).strip()
