"""Say what happens, on standard error: standard output belongs to the command."""

from __future__ import annotations

import sys
from contextlib import suppress

__all__ = ["say"]


def say(line: str) -> None:
    """Write one line; a terminal or pipe that has gone stops no clean-up."""
    with suppress(OSError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
