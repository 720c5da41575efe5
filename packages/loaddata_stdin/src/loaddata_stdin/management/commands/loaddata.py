"""manage.py loaddata: Django's command, with a standard input that needs no --format."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import loaddata

from loaddata_stdin.decode import FixtureObject, decode, sniff
from loaddata_stdin.exceptions import (
    FixtureSyntaxError,
    LoaddataStdinError,
    ObjectLoadError,
    SubstitutionError,
)
from loaddata_stdin.substitute import Substitution

STDIN = loaddata.READ_STDIN


class StdinFixture:
    """The objects of standard input, as the file that Django's command reads.

    Attributes:
        current: the object being loaded; None before the first and after the last.
    """

    def __init__(self, objects: list[FixtureObject], substitution: Substitution | None):
        """Replace variables in the objects, before the first is loaded.

        Raises:
            SubstitutionError: as `Substitution` does, with the object's place.
        """
        self.current: FixtureObject | None = None
        self._contents = []
        for item in objects:
            try:
                values = substitution(item.values) if substitution else item.values
            except SubstitutionError as error:
                message = f"{item}: {error}"
                raise SubstitutionError(message) from None
            # The item stays as it was written: its place in a message shows no value.
            self._contents.append((item, values))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield what Django's "python" deserializer takes."""
        for item, values in self._contents:
            self.current = item
            yield values
        self.current = None

    def close(self) -> None:
        """Leave standard input open: it belongs to the caller."""


class Command(loaddata.Command):
    """Load fixtures; `-` is a JSON or YAML fixture on standard input."""

    stdin_fixture: StdinFixture | None = None

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --env to Django's options."""
        super().add_arguments(parser)
        parser.add_argument(
            "--env",
            action="store_true",
            help="Replace ${NAME}, ${NAME:-default} and ${NAME:?message} in the strings"
            " of standard input by the environment's values; $$ is a dollar sign.",
        )

    def handle(self, *fixture_labels: str, **options: Any) -> None:  # Any: Django's
        """Load the labels as Django does, standard input by this package.

        Raises:
            LoaddataStdinError: nothing was loaded; the text says what stands where.
        """
        is_ours = STDIN in fixture_labels and options["format"] in (
            None,
            "json",
            "yaml",
        )
        if options["env"] and not is_ours:
            message = (
                "--env is for '-' in JSON or YAML; leave it out, or pipe the fixture."
            )
            raise LoaddataStdinError(message)
        substitution = Substitution(os.environ) if options["env"] else None
        if is_ours:
            self.stdin_fixture = _read(fixture_labels, options["format"], substitution)
        try:
            super().handle(*fixture_labels, **options)
        except CommandError:
            raise
        except Exception as error:
            if not is_ours:
                raise
            message = _explain(error, self.stdin_fixture, substitution)
            # The original error may show a secret: chained only where there is none.
            raise ObjectLoadError(message) from (None if substitution else error)

    @cached_property
    def compression_formats(self) -> Any:  # Any: django-stubs give pairs as single
        """Return Django's, with the decoded objects as standard input.

        Not documented by Django; the same in 5.2, 6.0 and 6.1.
        """
        formats: dict[str | None, Any] = dict(super().compression_formats)
        if self.stdin_fixture:
            formats["stdin"] = (lambda *args: self.stdin_fixture, None)
        return formats

    def parse_name(self, fixture_name: str) -> tuple[str, str | None, str | None]:
        """Return "python" as the format of standard input: it is decoded already."""
        if fixture_name == STDIN and self.stdin_fixture:
            return STDIN, "python", "stdin"
        return super().parse_name(fixture_name)


def _read(
    labels: Sequence[str], format_name: str | None, substitution: Substitution | None
) -> StdinFixture:
    try:
        if labels.count(STDIN) > 1:
            message = "'-' is named twice; it can be read once."
            raise FixtureSyntaxError(message)
        text = _standard_input()
        objects = decode(text, format_name or sniff(text))
        if not objects:
            message = "no objects; send a fixture, or leave out '-'."
            raise FixtureSyntaxError(message)
        return StdinFixture(objects, substitution)
    except LoaddataStdinError as error:
        message = f"stdin: {error}"
        raise type(error)(message) from error.__cause__


def _explain(
    error: Exception, fixture: StdinFixture | None, substitution: Substitution | None
) -> str:
    text = str(error).removeprefix("Problem installing fixture '-': ")
    if substitution and substitution.used:
        # PostgreSQL shortens values in DETAIL lines, so that they escape masking.
        text = substitution.masked(text.partition("\n")[0])
    text = " ".join(text.split()) or type(error).__name__
    return f"stdin: {fixture.current}: {text}" if fixture and fixture.current else text


def _standard_input() -> str:
    if sys.stdin is None or sys.stdin.closed:
        message = "it is closed; send a fixture to it."
        raise FixtureSyntaxError(message)
    if sys.stdin.isatty():
        message = (
            "it is a terminal; send a fixture to it:"
            " manage.py loaddata - < site-config.yaml"
        )
        raise FixtureSyntaxError(message)
    # Bytes where there are any: the text layer would decode them by the locale.
    content: str | bytes = getattr(sys.stdin, "buffer", sys.stdin).read()
    if isinstance(content, str):
        return content
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"byte {error.start + 1} is no UTF-8; convert the fixture to it."
        raise FixtureSyntaxError(message) from error
