"""What loaddata_stdin raises.

LoaddataStdinError (a CommandError: one line, exit code 1)
├── FixtureSyntaxError    the stream is no fixture, damaged or cut off
│   └── UnexpectedElementError  of XML in a field (SuspiciousOperation)
├── ObjectLoadError       Django or the database refused the objects
│   ├── ManyObjectsError      several of them
│   ├── ObjectValueError      a value, a field or a model is unknown (DeserializationError)
│   └── ObjectIntegrityError  a constraint does not hold (IntegrityError)
└── SubstitutionError     --env met a reference that it cannot replace

FieldValueError           inside the package: a field does not take a value
NeedsObjectError          inside the package: a value depends on the whole object
"""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import SuspiciousOperation
from django.core.management.base import CommandError
from django.core.serializers.base import DeserializationError
from django.db import IntegrityError

__all__ = [
    "FieldValueError",
    "FixtureSyntaxError",
    "LoaddataStdinError",
    "ManyObjectsError",
    "NeedsObjectError",
    "ObjectIntegrityError",
    "ObjectLoadError",
    "ObjectValueError",
    "SubstitutionError",
    "UnexpectedElementError",
]


class LoaddataStdinError(CommandError):
    """Base of every error of this package: its text is one line.

    Attributes:
        field: the name of the one that it is about; empty where it is about none.
    """

    field = ""

    @property
    def errors(self) -> list[str]:
        """Return a line for each thing that is wrong."""
        return [str(self)]


class FixtureSyntaxError(LoaddataStdinError):
    """The stream cannot be read as a fixture; the text says where."""


class UnexpectedElementError(FixtureSyntaxError, SuspiciousOperation):
    """A field of XML holds an element that is none of Django's."""


class ObjectLoadError(LoaddataStdinError):
    """An object cannot be loaded; the text says which and where it stands."""


class ManyObjectsError(ObjectLoadError):
    """Several objects cannot be loaded; the text has a line for each, and a last one.

    Attributes:
        summary: the last line.
    """

    def __init__(self, errors: Sequence[str]) -> None:
        count = len(errors)
        self.summary = f"{count} error{'s'[: count != 1]}; nothing was written."
        super().__init__("\n".join([*errors, self.summary]))
        self._errors = list(errors)

    @property
    def errors(self) -> list[str]:
        """Return a line for each of the objects."""
        return list(self._errors)


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

    @property
    def problem(self) -> str:
        """Return what is wrong with the value."""
        messages = getattr(self.error, "messages", None) or [str(self.error)]
        return " ".join(map(str, messages)) or type(self.error).__name__

    def __str__(self) -> str:
        return f"field {self.field}: {self.problem}"


class NeedsObjectError(Exception):
    """A value depends on more than its field; the text is why, as Plan.reason has it."""
