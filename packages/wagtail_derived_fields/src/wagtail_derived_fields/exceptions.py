"""The errors of wagtail_derived_fields.

DerivedFieldError
├── DerivedExpressionError   an expression cannot be resolved (FieldError)
├── NoPythonValueError       a value cannot be computed without the database
├── AssignmentError          somebody assigns to a derived attribute (AttributeError)
├── IndexingError            the search server refuses a document
├── SearchUnavailableError   the search server does not answer
└── RebuildError             another rebuild of the same index has taken over

What cannot be searched raises modelsearch's own FilterError and FilterFieldError.
"""

from __future__ import annotations

from django.core.exceptions import FieldError

__all__ = [
    "AssignmentError",
    "DerivedExpressionError",
    "DerivedFieldError",
    "IndexingError",
    "NoPythonValueError",
    "RebuildError",
    "SearchUnavailableError",
]


class DerivedFieldError(Exception):
    """Base of every error of this package."""


class DerivedExpressionError(DerivedFieldError, FieldError):
    """The expression of a field names a field that does not exist, or itself."""


class NoPythonValueError(DerivedFieldError):
    """The value of an instance cannot be computed without the database."""


class AssignmentError(DerivedFieldError, AttributeError):
    """A derived attribute follows from others and cannot be set."""

    def __init__(self, model: type, name: str) -> None:
        super().__init__(
            f"{model.__name__}.{name} is derived and cannot be set; set the fields"
            " that it follows from"
        )


class IndexingError(DerivedFieldError):
    """The search server refuses a document; the text has its reason."""


class RebuildError(DerivedFieldError):
    """Another rebuild of the same index has taken over; this one has no effect."""


class SearchUnavailableError(DerivedFieldError):
    """The search server does not answer, and no other back end may answer for it."""
