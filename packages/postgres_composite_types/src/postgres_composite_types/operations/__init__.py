"""Migration operations on composite types; `makemigrations` writes them."""

from __future__ import annotations

from postgres_composite_types.operations.attributes import (
    AddAttribute,
    AlterAttribute,
    FillAttribute,
    RemoveAttribute,
    RenameAttribute,
)
from postgres_composite_types.operations.moves import (
    AdoptCompositeType,
    AlterCompositeTypeOptions,
    MoveCompositeType,
    RenameCompositeType,
)
from postgres_composite_types.operations.types import (
    CreateCompositeType,
    CreateFromClass,
    DeleteCompositeType,
    operation_of,
)
from postgres_composite_types.types import CompositeTypeMeta

__all__ = [
    "AddAttribute",
    "AdoptCompositeType",
    "AlterAttribute",
    "AlterCompositeTypeOptions",
    "CreateCompositeType",
    "CreateFromClass",
    "DeleteCompositeType",
    "FillAttribute",
    "MoveCompositeType",
    "RemoveAttribute",
    "RenameAttribute",
    "RenameCompositeType",
    "operation_of",
]

CompositeTypeMeta.operation_of = staticmethod(operation_of)
