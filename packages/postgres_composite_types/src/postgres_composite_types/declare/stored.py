"""What a value was read as, and what is left of that once it is decoded."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["UNDECODED", "Kept", "Stored", "set_stored"]


class Kept(NamedTuple):
    """What a value was read with and no member holds; it is written back.

    Args:
        surplus: the JSON of members that the class does not know, or None.
        json_nulls: the names of json members that are a JSON null, not NULL.
    """

    surplus: str | None
    json_nulls: frozenset[str]


class Stored:
    """Base of values: each remembers what `to_json` made of it."""

    __slots__ = ("_stored",)
    # What it was read as, as text or parsed, until a member is touched; then what of it
    # no member holds, and None for most.
    _stored: str | dict[str, Any] | Kept | None


# The classes of what a value was read as.
UNDECODED: frozenset[type] = frozenset({str, dict})
set_stored = Stored.__dict__["_stored"].__set__
