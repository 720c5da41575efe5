"""What loaddata_stdin raises.

LoaddataStdinError (a CommandError: one line, exit code 1)
├── FixtureSyntaxError    the stream is no fixture, damaged or cut off
├── ObjectLoadError       Django or the database refused the objects
│   ├── ObjectValueError      a value, a field or a model is unknown (DeserializationError)
│   └── ObjectIntegrityError  a constraint does not hold (IntegrityError)
└── SubstitutionError     --env met a reference that it cannot replace

FieldValueError           inside the package: a field does not take a value
"""

from __future__ import annotations

from django.core.management.base import CommandError
from django.core.serializers.base import DeserializationError
from django.db import IntegrityError

__all__ = [
    "FieldValueError",
    "FixtureSyntaxError",
    "LoaddataStdinError",
    "ObjectIntegrityError",
    "ObjectLoadError",
    "ObjectValueError",
    "SubstitutionError",
]


class LoaddataStdinError(CommandError):
    """Base of every error of this package: its text is one line."""


class FixtureSyntaxError(LoaddataStdinError):
    """The stream cannot be read as a fixture; the text says where."""


class ObjectLoadError(LoaddataStdinError):
    """An object cannot be loaded; the text says which and where it stands."""


class ObjectValueError(ObjectLoadError, DeserializationError):
    """A model or a field is unknown, or a field does not take a value."""


class ObjectIntegrityError(ObjectLoadError, IntegrityError):
    """The database refuses an object: a constraint of it does not hold."""


class SubstitutionError(LoaddataStdinError):
    """A variable or file has no value, or `${` begins no reference to one."""


class FieldValueError(Exception):
    """A field does not take a value; it becomes an ObjectValueError with its place."""

    def __init__(self, field: str, value: object, error: Exception) -> None:
        super().__init__(field, value, error)
        self.field = field
        self.error = error

    def __str__(self) -> str:
        messages = getattr(self.error, "messages", None) or [str(self.error)]
        return f"field {self.field}: {' '.join(map(str, messages))}"
