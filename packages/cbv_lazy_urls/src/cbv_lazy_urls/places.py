"""Places in URLconfs: which line of which file names a view."""

from __future__ import annotations

import sys
from pathlib import Path
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
        for start, end, line in self._code.co_lines():
            if start <= self._instruction < end and line is not None:
                return line
        return self._code.co_firstlineno

    def __str__(self) -> str:
        return f"{shortened(self._code.co_filename)}:{self.line}"


def shortened(file: str) -> str:
    """Return a file name relative to the current folder if it is below it."""
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return file
