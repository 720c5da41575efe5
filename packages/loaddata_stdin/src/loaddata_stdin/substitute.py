"""Replace ${NAME} in the string scalars of decoded objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from loaddata_stdin.exceptions import SubstitutionError

__all__ = ["Substitution"]

_REFERENCE = re.compile(
    r"\$(?:(?P<escaped>\$)"
    r"|\{(?P<name>[A-Za-z_]\w*)(?::-(?P<default>[^}]*)|:\?(?P<message>[^}]*))?\}"
    r"|(?P<broken>\{))"
)


class Substitution:
    """Puts the values of an environment in the place of references to them.

    `${NAME}`, `${NAME:-default}` and `${NAME:?message}` mean what they mean to a
    shell (POSIX 1003.1, 2.6.2): the last two also take an empty value as unset.
    `$$` is one dollar sign. The values come from a decoded fixture, so a value
    with quotes or line ends cannot break out of its place.

    Attributes:
        used: the values taken from the environment so far: treat them as secrets.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Read the values from `environ`."""
        self._environ = environ
        self.used: set[str] = set()

    def __call__(self, value: Any) -> Any:  # Any: whatever JSON or YAML can hold
        """Return the value with the references in its strings replaced.

        Raises:
            SubstitutionError: a variable is unset and has no default, or a `${`
                begins no reference.
        """
        match value:
            case str():
                return _REFERENCE.sub(self._replacement, value)
            case list():
                return [self(item) for item in value]
            case dict():
                return {key: self(item) for key, item in value.items()}
        return value

    def masked(self, text: str) -> str:
        """Return the text with every value taken from the environment as ***."""
        for secret in sorted(self.used, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def _replacement(self, match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        if match["broken"]:
            message = "'${' begins no ${NAME}; write '$${' for the characters."
            raise SubstitutionError(message)
        name, default, demand = match.group("name", "default", "message")
        value = self._environ.get(name)
        if value:
            self.used.add(value)
            return value
        if default is not None:
            return default
        if value == "" and demand is None:
            return value
        state = "unset" if value is None else "empty"
        message = f"{name} is {state}: {demand or 'set it'}."
        raise SubstitutionError(message)
