"""Django's serialiser of JSON Lines, with a last line that tells how many there are."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers import jsonl

__all__ = ["Serializer"]


class Serializer(jsonl.Serializer):
    """Write `{"count": N}` when all objects have been written, and not before."""

    def start_serialization(self) -> None:
        """Begin to count."""
        super().start_serialization()
        self._count = 0

    def end_object(self, obj: Any) -> None:
        """Write an object and count it."""
        super().end_object(obj)
        self._count += 1

    def end_serialization(self) -> None:
        """Write the count."""
        super().end_serialization()
        self.stream.write(json.dumps({"count": self._count}) + "\n")
