"""Random strings that nobody can guess."""

from __future__ import annotations

import secrets

__all__ = ["ALPHANUMERIC", "random_string"]

#: Letters and digits but those that are taken for each other, such as 0 and O.
ALPHANUMERIC = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def random_string(length: int = 10, chars: str = ALPHANUMERIC) -> str:
    """Return `length` characters of `chars` from the system's source of randomness.

    Raises:
        ValueError: the length is negative, or there is nothing to choose from.
    """
    if length < 0 or not chars:
        message = f"a random string of {length} characters of {chars!r} cannot be made"
        raise ValueError(message)
    return "".join(secrets.choice(chars) for _ in range(length))
