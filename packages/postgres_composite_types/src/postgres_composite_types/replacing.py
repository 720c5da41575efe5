"""Answer for a method of Django or Wagtail that has no hook; `ready` asks for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

__all__ = ["replace"]


def replace(owner: Any, name: str, replacement: Callable[..., Any]) -> None:
    """Let `replacement` answer instead; a second call changes nothing.

    Args:
        owner: The class that has the method.
        name: What is replaced; where the class does not have it, nothing is.
        replacement: Called as the original is, with the original before all else.
    """
    original = getattr(owner, name, None)
    if original is None or hasattr(original, "of_composites"):
        return

    @wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return replacement(original, self, *args, **kwargs)

    method.of_composites = True  # type: ignore[attr-defined]  # marks what is installed
    setattr(owner, name, method)
