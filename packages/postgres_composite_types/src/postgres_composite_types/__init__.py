"""PostgreSQL composite types as first-class Django fields."""

from __future__ import annotations

from .exceptions import CompositeTypeError
from .fields import CompositeTypeField
from .frozen import CompositeValue
from .types import CompositeType

__all__ = [
    "CompositeType",
    "CompositeTypeError",
    "CompositeTypeField",
    "CompositeValue",
]
