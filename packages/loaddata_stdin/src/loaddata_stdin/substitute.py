"""Replace ${NAME} and ${file:PATH} in the string scalars of decoded objects."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from loaddata_stdin.exceptions import SubstitutionError

__all__ = ["Substitution"]

_REFERENCE = re.compile(
    r"\$(?:(?P<escaped>\$)"
    r"|\{(?:file:(?P<file>(?![-?])[^}]+?)|(?P<name>[A-Za-z_]\w*))"
    r"(?::-(?P<default>[^}]*)|:\?(?P<message>[^}]*))?\}"
    r"|(?P<broken>\{))"
)
# A larger file is no secret, and a device has no end.
_LARGEST_FILE = 1024 * 1024
_SHORT = 4
_NAME_PATTERN = re.compile(r"[A-Za-z_*][\w*]*")
_FILE = "file:"


class Substitution:
    """Puts the values of an environment in the place of references to them.

    `${NAME}`, `${NAME:-default}` and `${NAME:?message}` mean what they mean to a
    shell (POSIX 1003.1, 2.6.2): the last two also take an empty value as unset. What
    follows `:-` and `:?` is plain text, up to the next `}`: nothing is replaced in it.
    `${file:PATH}` is what `$(cat PATH)` is to it: the text of a file without the line
    ends behind it, and unset where there is no file. `$$` is one dollar sign. The values
    come from a decoded fixture, so a value with quotes or line ends cannot break out of
    its place.

    Attributes:
        used: the values taken from the environment and files so far: treat them as
            secrets.
        count: how often one was taken.
        references: how many references there were, those included that got a default.
    """

    def __init__(
        self, environ: Mapping[str, str], allowed: Iterable[str] | None = None
    ) -> None:
        """Read the values from `environ` and from files.

        Args:
            environ: the variables.
            allowed: the only references that are replaced: names of variables, in which
                `*` stands for any characters, and folders as `file:/run/secrets`.
                None: all of them.

        Raises:
            ValueError: an item of `allowed` is neither.
        """
        self._environ = environ
        self._allowed = None if allowed is None else list(allowed)
        for item in self._allowed or ():
            is_folder = item.startswith(_FILE) and item != _FILE
            if not (is_folder or _NAME_PATTERN.fullmatch(item)):
                message = (
                    f"{item!r} is neither the name of a variable, such as SHOP_*, nor a"
                    " folder, such as file:/run/secrets"
                )
                raise ValueError(message)
        self._files: dict[str, str | None] = {}
        self.used: set[str] = set()
        self.count = self.references = 0

    def __call__(self, value: Any) -> Any:  # Any: whatever JSON or YAML can hold
        """Return the value with the references in its strings replaced.

        Raises:
            SubstitutionError: a variable is unset and has no default, a file cannot be
                read, a reference is not allowed, or a `${` begins no reference.
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
        """Return the text with every value that was put in as ***.

        Also where the text shows a value as Python's `repr` or JSON does, or with its
        white space made single spaces. A value of less than four characters is masked
        where it stands as a word: else no line would be left that could be read.
        """
        for form in sorted({*_forms(self.used)}, key=len, reverse=True):
            if len(form) < _SHORT:
                text = re.sub(rf"(?<!\w){re.escape(form)}(?!\w)", "***", text)
            else:
                text = text.replace(form, "***")
        return text

    def _replacement(self, match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        if match["broken"]:
            message = "'${' begins no ${NAME}; write '$${' for the characters."
            raise SubstitutionError(message)
        file, default, demand = match.group("file", "default", "message")
        name = file or match["name"]
        self.references += 1
        if not self._is_allowed(file, name):
            reference = f"{_FILE}{name}" if file else name
            message = (
                f"{reference} is not allowed, only {', '.join(self._allowed or ())};"
                " allow it with --env-allow, or take the reference out."
            )
            raise SubstitutionError(message)
        value = self._content(file) if file else self._environ.get(name)
        if value:
            self.used.add(value)
            self.count += 1
            return value
        if default is not None:
            return default
        if value == "" and demand is None:
            return value
        state, cure = ("missing", "create it") if file else ("unset", "set it")
        state = state if value is None else "empty"
        message = f"{name} is {state}: {demand or cure}."
        raise SubstitutionError(message)

    def _is_allowed(self, file: str | None, name: str) -> bool:
        if self._allowed is None:
            return True
        if not file:
            return any(fnmatchcase(name, pattern) for pattern in self._allowed)
        path = Path(os.path.realpath(name.replace("\0", "")))
        return any(
            path.is_relative_to(os.path.realpath(item.removeprefix(_FILE)))
            for item in self._allowed
            if item.startswith(_FILE)
        )

    def _content(self, name: str) -> str | None:
        """Return the text of a file, read once; None where there is none."""
        if name not in self._files:
            self._files[name] = _text_of(name)
        return self._files[name]


def _forms(values: Iterable[str]) -> Iterator[str]:
    """Yield how values look in the texts of others; never an empty text."""
    for value in values:
        for form in (value, value.strip(), " ".join(value.split())):
            if form:
                yield form
                yield repr(form)[1:-1]
                yield ascii(form)[1:-1]
                yield json.dumps(form)[1:-1]
                yield json.dumps(form, ensure_ascii=False)[1:-1]


def _open_regular(name: str, flags: int) -> int:
    """Open a file as `open` does; refuse pipes and devices, which may never end."""
    # A pipe without a writer would wait in open already.
    descriptor = os.open(name, flags | getattr(os, "O_NONBLOCK", 0))
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):  # A directory has its own error.
        return descriptor
    os.close(descriptor)
    message = f"{name} is not a regular file; name one."
    raise SubstitutionError(message)


def _text_of(name: str) -> str | None:
    try:
        with open(name, "rb", opener=_open_regular) as file:  # Path has no opener
            content = file.read(_LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name.
        problem = getattr(error, "strerror", None) or str(error)
        message = f"{name} cannot be read: {problem}."
        raise SubstitutionError(message) from error
    if len(content) > _LARGEST_FILE:
        message = f"{name} is larger than {_LARGEST_FILE} bytes; name a smaller file."
        raise SubstitutionError(message)
    try:
        return content.decode().rstrip("\r\n")
    except UnicodeDecodeError:  # Not chained: it holds the content.
        message = f"{name} is no UTF-8; convert the file to it."
        raise SubstitutionError(message) from None
