"""The XML of dumpdata: a composite value is JSON inside its element.

JSON, JSONL and YAML nest the value itself and need nothing of this; Django's XML writes
text only.
"""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core import serializers
from django.core.serializers import xml_serializer
from django.db.models import Field, Model

__all__ = ["Deserializer", "Serializer", "install"]

Deserializer = xml_serializer.Deserializer


class Serializer(xml_serializer.Serializer):
    """Django's, for fields with nested values too."""

    def handle_field(self, obj: Model, field: Field[Any, Any]) -> None:
        """Write one field."""
        super().handle_field(obj, _AsText(field))


class _AsText:
    """A field whose values are text even where they are nested."""

    def __init__(self, field: Field[Any, Any]) -> None:
        self._field = field

    def __getattr__(self, name: str) -> Any:
        return getattr(self._field, name)

    def value_to_string(self, obj: Model) -> Any:
        value: Any = self._field.value_to_string(obj)
        if isinstance(value, str) or self._field.get_internal_type() == "JSONField":
            return value
        return json.dumps(value, ensure_ascii=False)


def install() -> None:
    """Take the place of Django's own XML serializer, not of one the settings name."""
    serializers.BUILTIN_SERIALIZERS["xml"] = __name__
    if "xml" not in getattr(settings, "SERIALIZATION_MODULES", {}):
        serializers.register_serializer("xml", __name__)  # Others may have loaded all.
