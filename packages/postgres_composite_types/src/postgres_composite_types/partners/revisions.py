"""Wagtail's revisions, which outlive the members that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from postgres_composite_types.replacing import replace
from postgres_composite_types.values.conversion import is_of_revision

if TYPE_CHECKING:
    from collections.abc import Callable

    from wagtail.models import Revision

__all__ = ["install"]


def install() -> None:
    """Tell when Wagtail (7.4 to 8.0) reads a revision: `to_python` is not told why."""
    from wagtail.models import Revision

    replace(Revision, "as_object", _as_object)


def _as_object(original: Callable[[Revision], Any], revision: Revision) -> Any:
    token = is_of_revision.set(True)
    try:
        return original(revision)
    finally:
        is_of_revision.reset(token)
