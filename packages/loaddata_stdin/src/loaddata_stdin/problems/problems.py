"""What is wrong with the objects of a stream: collected, and each said in one line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.core.exceptions import FieldDoesNotExist
from django.db import DatabaseError, DataError, InterfaceError, OperationalError

from loaddata_stdin.exceptions import (
    FieldValueError,
    FixtureSyntaxError,
    LoaddataStdinError,
    ManyObjectsError,
    ObjectIntegrityError,
    ObjectLoadError,
    ObjectValueError,
)
from loaddata_stdin.objects import Place
from loaddata_stdin.problems.diagnosis import Diagnosis, first_line, withheld
from loaddata_stdin.problems.secrets import Secrets

__all__ = ["Problems"]


_LONG = re.compile(r"(\S{60})\S{20,}")  # Django repeats a value, however long.
# They name what the fixture names, and show no value.
_OURS = (LoaddataStdinError, FieldDoesNotExist)


class Problems:
    """Collects so many problems; the last of them is raised with all.

    Attributes:
        most: after so many nothing more is looked at.
        is_collecting: whether it goes on after the first one.
        secrets: what must not be shown.
    """

    def __init__(self, most: int = 1, secrets: Secrets | None = None) -> None:
        """Collect none yet.

        Args:
            most: after so many nothing more is looked at.
            secrets: what must not be shown; None: there is nothing.
        """
        self.is_collecting = most > 1
        self.secrets = secrets or Secrets(None)
        self.most = most
        # By the number of the object: each is said once.
        self._found: dict[float, str] = {}

    def __contains__(self, number: int) -> bool:
        return number in self._found

    @property
    def has_any(self) -> bool:
        """Return whether there is one."""
        return bool(self._found)

    def add(self, place: Place | None, what: str, error: Exception) -> None:
        """Take a problem.

        Args:
            place: of the object, where it is known.
            what: is wrong, with the names of the fields; it may show secrets.
            error: what was raised for it.

        Raises:
            LoaddataStdinError: there are enough.
        """
        what = self.shown(what)
        if place is None:
            # After all others, and each of them.
            self._take(1e18 + len(self._found), what, error)
            return
        place = self.secrets.shown(place)
        joint = ", " if what.startswith(("field ", "fields ")) else ": "
        self._take(place.number, f"{place}{joint}{what}", error)

    def _take(self, number: float, line: str, error: Exception) -> None:
        self._found.setdefault(number, line)
        if not self.is_collecting:
            raise _kind(error)(line) from self.cause(error)
        if len(self._found) >= self.most:
            raise self._all() from None

    def refuse(
        self,
        place: Place | None,
        error: Exception,
        fields: Sequence[str] = (),
        hint: str = "",
    ) -> None:
        """Take what an exception says of an object.

        Args:
            place: of the object, where it is known.
            error: what was raised.
            fields: names of those that it is about.
            hint: what is known besides.

        Raises:
            LoaddataStdinError: there are enough.
        """
        if self._found and not self.is_collecting:
            raise error  # On its way out it comes by again, with its place.
        is_secret = self.may_show(place) and not isinstance(error, _OURS)
        if isinstance(error, FieldValueError):
            fields = [error.field]
            text = withheld(error.error) if is_secret else error.problem
        elif isinstance(error, DatabaseError):
            text = Diagnosis(error).text(is_secret=is_secret)
        else:
            text = withheld(error) if is_secret else first_line(error)
        text = text.removesuffix(".") + hint if hint else text
        self.add(place, of_fields(fields) + text, error)

    def may_show(self, place: Place | None) -> bool:
        """Return whether what is said of an object may show a secret."""
        if place is None:
            return self.secrets.has_any
        return self.secrets.holds(place.number)

    def shown(self, text: str) -> str:
        """Return a text of others in one line, without secrets and endless words."""
        # Masked before line ends are replaced, which a secret may have.
        text = " ".join(self.secrets.masked(text).split())
        return _LONG.sub(r"\1...", text)

    def cause(self, error: Exception) -> Exception | None:
        """Return the error as the cause of one that is shown; it may show secrets."""
        return None if self.secrets.has_any else error

    def finish(self) -> None:
        """End.

        Raises:
            ManyObjectsError: there were problems.
        """
        if self._found:
            raise self._all()

    def _all(self) -> ManyObjectsError:
        return ManyObjectsError([self._found[n] for n in sorted(self._found)])

    @contextmanager
    def in_one_line(self) -> Iterator[None]:
        """Say in one line what ends the load as a whole.

        Raises:
            LoaddataStdinError: in the place of what is no such error.
        """
        ended: LoaddataStdinError
        try:
            yield
            return  # Out of the handlers nothing becomes a context.
        except FixtureSyntaxError as error:
            if not self._found:
                raise
            self._found[float("inf")] = str(error)
            ended = self._all()
        except LoaddataStdinError as error:
            ended = error
        except DatabaseError as error:
            is_secret = self.secrets.has_any
            text = (
                Diagnosis(error).text(is_secret=True)
                if is_secret
                else first_line(error)
            )
            ended = _kind(error)(self.shown(text))
            ended.__cause__ = self.cause(error)
        if self.secrets.has_any:
            ended.__context__ = None  # It may show one.
        raise ended from ended.__cause__


def of_fields(names: Sequence[str]) -> str:
    """Return the names of fields as what is wrong begins with them."""
    if not names:
        return ""
    return f"field{'s'[: len(names) > 1]} {', '.join(names)}: "


def _kind(error: Exception) -> type[LoaddataStdinError]:
    if isinstance(error, LoaddataStdinError):
        return type(error)
    if isinstance(error, (OperationalError, InterfaceError)):
        return ObjectLoadError
    if isinstance(error, DatabaseError) and not isinstance(error, DataError):
        return ObjectIntegrityError
    return ObjectValueError
