"""Migration operations on composite types; `makemigrations` writes them."""

from __future__ import annotations

from .attributes import AddAttribute, AlterAttribute, RemoveAttribute, RenameAttribute
from .moves import AdoptCompositeType, MoveCompositeType, RenameCompositeType
from .types import (
    CreateCompositeType,
    CreateFromClass,
    DeleteCompositeType,
    operation_of,
)

__all__ = [
    "AddAttribute",
    "AdoptCompositeType",
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
