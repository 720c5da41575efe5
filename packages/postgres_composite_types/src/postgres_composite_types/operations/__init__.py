"""Migration operations on composite types; `makemigrations` writes them."""

from __future__ import annotations

from .attributes import AddAttribute, AlterAttribute, RemoveAttribute, RenameAttribute
from .types import (
    CreateCompositeType,
    CreateFromClass,
    DeleteCompositeType,
    MoveCompositeType,
    RenameCompositeType,
    operation_of,
)

__all__ = [
    "AddAttribute",
    "AlterAttribute",
    "CreateCompositeType",
    "CreateFromClass",
    "DeleteCompositeType",
    "MoveCompositeType",
    "RemoveAttribute",
    "RenameAttribute",
    "RenameCompositeType",
    "operation_of",
]
