"""What wagtailimporter raises.

ImporterError
└── ImportFailed    the files hold problems; nothing was written
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from wagtailimporter.parse.values import Place

__all__ = ["ImportFailed", "ImporterError", "Problem", "Problems", "suggestion"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file, and where."""

    place: Place | str
    message: str

    def __str__(self) -> str:
        line = f"{self.place}: {' '.join(self.message.split())}"
        # A file must not get to draw on the terminal of who imports it.
        return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


class ImporterError(Exception):
    """Base of every error of this package."""


class ImportFailed(ImporterError):
    """The files cannot be imported; `problems` holds every reason found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))

    @classmethod
    def at(cls, place: Place | str, message: str) -> ImportFailed:
        """Return the error that holds this one problem."""
        return cls([Problem(place, message)])


@dataclass
class Problems:
    """Collects problems, so that one run reports all of them."""

    found: list[Problem] = field(default_factory=list)

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Keep the problems of an `ImportFailed` raised inside, and go on."""
        try:
            yield
        except ImportFailed as error:
            self.found.extend(error.problems)

    def raise_if_any(self) -> None:
        """Raise what was collected, each problem once, in the order of lines.

        Raises:
            ImportFailed: something was collected.
        """
        if self.found:
            raise ImportFailed(sorted(dict.fromkeys(self.found), key=_position))


def _position(problem: Problem) -> tuple[str, int, int]:
    place = problem.place
    if isinstance(place, Place):
        return place.file, place.line, place.column
    return place, 0, 0


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return what to write instead of `name`, as the end of a message."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"did you mean '{close[0]}'?"
    listed = ", ".join([*names[:12], *["..."] * (len(names) > 12)])
    return f"known are: {listed or 'none'}."
