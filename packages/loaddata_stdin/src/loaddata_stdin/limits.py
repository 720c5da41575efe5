"""What a stream may ask of the memory."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Limits", "size"]

MIB = 1024 * 1024
_SIZE = re.compile(r"([1-9][0-9]{0,14})([KMG]?)", re.IGNORECASE | re.ASCII)
_FACTORS = {"": 1, "K": 1024, "M": MIB, "G": 1024 * MIB}


@dataclass(frozen=True)
class Limits:
    """How much memory one object and one decompressor may take.

    Attributes:
        object_size: characters of one object, in XML bytes; values that aliases repeat
            count each time. `--max-object-size` raises it.
        window_size: bytes that a decompressor may look back. `--max-window` raises it.
        depth: how deep lists, mappings and elements may be nested in each other.
    """

    object_size: int = MIB
    window_size: int = 8 * MIB
    depth: int = 200

    @property
    def too_large(self) -> str:
        """Return what is wrong with an object that is larger."""
        return (
            f"the object is longer than {self.object_size} characters;"
            " raise --max-object-size"
        )


def size(text: str) -> int:
    """Return a number of bytes or characters: `500`, `64K`, `4M` or `1G`.

    Raises:
        ValueError: the text is nothing of that kind.
    """
    if match := _SIZE.fullmatch(text):
        return int(match[1]) * _FACTORS[match[2].upper()]
    message = f"{text!r} is no size such as 500, 64K or 4M"
    raise ValueError(message)
