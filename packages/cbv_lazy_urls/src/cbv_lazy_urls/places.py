"""Places in URLconfs: which line of which file names a view."""

from __future__ import annotations

import os
import sys
from bisect import bisect_right
from functools import lru_cache
from types import CodeType

__all__ = ["Place", "shortened"]


class Place:
    """The line of a call.

    A URLconf makes thousands of them. The number of a line takes a walk through the
    line table of the module, so it is looked up only when somebody reads it.
    """

    __slots__ = ("_code", "_instruction")

    def __init__(self, code: CodeType, instruction: int) -> None:
        self._code = code
        self._instruction = instruction

    @classmethod
    def of_caller(cls, depth: int) -> Place:
        """Return the place of the call `depth` frames above the caller of this."""
        frame = sys._getframe(depth + 1)
        return cls(frame.f_code, frame.f_lasti)

    @property
    def line(self) -> int:
        """The number of the line."""
        starts, lines = _line_table(self._code)
        return lines[max(bisect_right(starts, self._instruction) - 1, 0)]

    def __str__(self) -> str:
        return f"{shortened(self._code.co_filename)}:{self.line}"


@lru_cache(maxsize=8)
def _line_table(code: CodeType) -> tuple[list[int], list[int]]:
    """Return where each line's instructions start, and its number."""
    table = [(start, line) for start, _, line in code.co_lines() if line is not None]
    return [start for start, _ in table], [line for _, line in table]


def shortened(file: str) -> str:
    """Return a file name relative to the current folder if it is below it."""
    try:
        folder = os.path.join(os.getcwd(), "")  # noqa: PTH109, PTH118 - a hundred times
    except OSError:
        return file
    return file.removeprefix(folder)
