"""Text that no repr shows."""

from __future__ import annotations

from typing import Any

__all__ = ["Secret", "hidden"]

_KEYS = ("PASSWORD", "LOCATION", "password")


class Secret(str):
    """A string whose repr is `'***'`, also within the repr of a dictionary.

    Example:
        >>> {"PASSWORD": Secret("of-the-database")}
        {'PASSWORD': '***'}
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def hidden(settings: dict[str, Any]) -> dict[str, Any]:
    """Return `settings` with a `Secret` for each password and address in it."""
    found: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, dict):
            found[key] = hidden(value)
        elif value and isinstance(value, str) and _is_secret(key):
            found[key] = Secret(value)
        else:
            found[key] = value
    return found


def _is_secret(key: str) -> bool:
    return key in _KEYS or "password" in key.lower()
