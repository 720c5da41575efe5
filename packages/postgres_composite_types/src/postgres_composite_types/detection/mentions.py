"""The members that the migrations of an app mention: only these bind it to a change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.db.migrations.operations import RunPython, RunSQL
from django.db.models import Field

from postgres_composite_types.declare.frozen import CompositeValue
from postgres_composite_types.operations import (
    AlterAttribute,
    AlterCompositeTypeOptions,
    MoveCompositeType,
    RemoveAttribute,
    RenameAttribute,
)

if TYPE_CHECKING:
    from django.db.migrations.operations.base import Operation

    from postgres_composite_types.operations.base import TypeOperation
    from postgres_composite_types.schema.state import TypeState

ANY = "*"  # Whatever code and SQL mention, nobody knows.


def mentioned(value: Any) -> Iterator[str]:
    """Yield the names that an operation, or a part of one, mentions.

    Of a lookup these are the parts after the field, of a value its members, of SQL all
    words. ANY stands for operations that run code or SQL. It may yield too many names,
    never too few.
    """
    if isinstance(value, RunPython | RunSQL):
        yield ANY
    elif isinstance(value, str):
        is_lookup = value.isidentifier()
        words = value.replace("__", " ")
        yield from words.split()[1:] if is_lookup else re.findall(r"\w+", words)
    elif isinstance(value, Mapping):
        yield from mentioned([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from mentioned(each)
    elif isinstance(value, CompositeValue):
        yield from value.members
        yield from mentioned(value.members)
    elif isinstance(value, Field):
        _, _, args, kwargs = value.deconstruct()
        # A default of Python is put together when it is used, from what there is.
        yield from mentioned([args, {**kwargs, "default": None}])
    elif hasattr(value, "deconstruct") and not isinstance(value, type):
        yield from mentioned(value.deconstruct()[-2:])  # Before them is its path.


def binding_names(operation: TypeOperation, before: TypeState) -> Iterable[str] | None:
    """Return the names whose mention must come before a change of a type.

    None stands for every mention of the type itself.

    Args:
        operation: The change.
        before: The type as it stands before it.
    """
    match operation:
        case RenameAttribute() | RemoveAttribute():
            return operation.name, ANY
        case AlterAttribute():
            old, new = before.members[operation.name], operation.field
            is_same_kind = old.get_internal_type() == new.get_internal_type()
            return () if is_same_kind else (operation.name,)
        case MoveCompositeType():
            return (ANY,)
        case AlterCompositeTypeOptions():
            return ()
    return None


def names_in(operations: Iterable[Operation]) -> set[str]:
    """Return the names that operations mention."""
    return set(mentioned(list(operations)))
