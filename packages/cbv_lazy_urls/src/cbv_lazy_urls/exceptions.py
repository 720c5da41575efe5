"""What cbv_lazy_urls raises.

LazyURLError
├── ViewNotFound       a dotted name leads nowhere (also Django's ViewDoesNotExist)
├── NotAView           it leads to something that cannot answer a request
├── PreloadError       views that could not be loaded, all at once
└── ConversionError    a file that the codemod cannot read

An error that a view module raises while it is imported is passed on as it is.
"""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured, ViewDoesNotExist

__all__ = [
    "ConversionError",
    "LazyURLError",
    "NotAView",
    "PreloadError",
    "ViewNotFound",
]


class LazyURLError(Exception):
    """Base class of the errors of this package."""


class ViewNotFound(LazyURLError, ViewDoesNotExist):
    """A part of a dotted name does not exist."""


class NotAView(LazyURLError, ImproperlyConfigured):
    """The name leads to an object that cannot be made a view."""


class PreloadError(LazyURLError):
    """Some views could not be loaded; a line for each."""


class ConversionError(LazyURLError):
    """The codemod cannot convert a file; nothing was written."""
