"""What loaddata_stdin raises.

LoaddataStdinError (a CommandError: one line, exit code 1)
├── FixtureSyntaxError    the stream is no fixture, damaged or cut off
├── ObjectLoadError       Django or the database refused the objects
└── SubstitutionError     --env met a reference that it cannot replace
"""

from __future__ import annotations

from django.core.management.base import CommandError

__all__ = [
    "FixtureSyntaxError",
    "LoaddataStdinError",
    "ObjectLoadError",
    "SubstitutionError",
]


class LoaddataStdinError(CommandError):
    """Base of every error of this package: its text is one line."""


class FixtureSyntaxError(LoaddataStdinError):
    """The stream cannot be read as a fixture; the text says where."""


class ObjectLoadError(LoaddataStdinError):
    """An object cannot be loaded; the text says which and where it stands."""


class SubstitutionError(LoaddataStdinError):
    """A variable or file has no value, or `${` begins no reference to one."""
