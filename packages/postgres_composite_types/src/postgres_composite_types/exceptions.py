"""What postgres_composite_types raises.

CompositeTypeError
├── ChangedTypeError      a type changed while a value of it was read
├── ColumnTypeError       a migration asks for a change of type that no cast makes
├── DefinitionError       a class cannot become a composite type (also a TypeError)
├── UnknownTypeError      no type is registered under a name (also a LookupError)
├── MissingMemberError    the database's type has lost a declared member
├── MemberValueError      a stored member is nothing that Python can hold
└── ValueTypeError        a value of another kind was given (also a TypeError)
"""

from __future__ import annotations

__all__ = [
    "ChangedTypeError",
    "ColumnTypeError",
    "CompositeTypeError",
    "DefinitionError",
    "MemberValueError",
    "MissingMemberError",
    "UnknownTypeError",
    "ValueTypeError",
]


class CompositeTypeError(Exception):
    """Base of every error of this package: its text is one line."""


class ChangedTypeError(CompositeTypeError):
    """The members' names were asked for after the values, and fit them no more."""


class ColumnTypeError(CompositeTypeError):
    """A column cannot change to the type that a migration gives it."""


class DefinitionError(CompositeTypeError, TypeError):
    """A class body cannot become a composite type; the text says why."""


class UnknownTypeError(CompositeTypeError, LookupError):
    """A field names a type that no class declares."""


class MissingMemberError(CompositeTypeError):
    """A member was read that the database's type did not have.

    It is no AttributeError: templates and `getattr` with a default would turn a
    lost value into an empty one.
    """


class MemberValueError(CompositeTypeError, ValueError):
    """A stored member is outside of what Python can hold, such as `infinity`."""


class ValueTypeError(CompositeTypeError, TypeError):
    """A value is neither of the composite type nor a mapping of its members."""
