"""Wagtail's revisions, which outlive the members that they name."""

from __future__ import annotations

from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .types import CompositeType

__all__ = ["install", "without_removed"]

_is_read = ContextVar("a revision is read", default=False)


def without_removed(
    composite: type[CompositeType], data: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the members in `data`, in a revision only those that the type has.

    Wagtail leaves out what a revision holds of a field that is no more. Elsewhere, in a
    fixture say, an unknown member is a mistake that must be told.
    """
    if not _is_read.get():
        return data
    return {key: data[key] for key in data if key in composite.__match_args__}


def install() -> None:
    """Tell when Wagtail (7.4 to 8.0) reads a revision: `to_python` is not told why."""
    from wagtail.models import Revision

    read = Revision.as_object
    if hasattr(read, "leaves_out_removed"):
        return

    @wraps(read)
    def as_object(self: Revision) -> Any:
        token = _is_read.set(True)
        try:
            return read(self)
        finally:
            _is_read.reset(token)

    as_object.leaves_out_removed = True  # type: ignore[attr-defined]  # a mark
    Revision.as_object = as_object
