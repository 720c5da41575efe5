"""What the package tells whoever wants to know."""

from __future__ import annotations

from django.dispatch import Signal

__all__ = ["composite_type_created"]

# Sent when a migration has created a type. Its sender is the class of today, or that of
# the migration if there is none; `connection` is the database.
composite_type_created = Signal()
