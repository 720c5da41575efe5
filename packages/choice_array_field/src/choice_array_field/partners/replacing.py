"""Answer for a function of others where it has no hook; `AppConfig.ready` does so."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

__all__ = ["replace"]


def replace(owner: Any, name: str, replacement: Callable[..., Any]) -> None:
    """Let `replacement` answer instead; a second call changes nothing.

    Args:
        owner: a class that has the method itself, or a module that has the function.
        name: what is replaced; without it in the owner nothing is.
        replacement: called as the original is, with the original before all else.
    """
    found = vars(owner).get(name)
    original = getattr(found, "__func__", found)  # that of a classmethod
    if original is None or hasattr(original, "of_choice_arrays"):
        return

    @wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        return replacement(original, *args, **kwargs)

    function.of_choice_arrays = True  # type: ignore[attr-defined]  # marks what is installed
    is_of_class = isinstance(found, classmethod)
    setattr(owner, name, classmethod(function) if is_of_class else function)
