"""Wagtail's revisions, which outlive the members that they name."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from .replacing import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from wagtail.models import Revision

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

    replace(Revision, "as_object", _as_object)


def _as_object(original: Callable[[Revision], Any], revision: Revision) -> Any:
    token = _is_read.set(True)
    try:
        return original(revision)
    finally:
        _is_read.reset(token)
