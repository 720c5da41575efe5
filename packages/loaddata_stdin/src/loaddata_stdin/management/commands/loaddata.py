"""manage.py loaddata: Django's command, with a standard input that needs no --format."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import loaddata

from loaddata_stdin.exceptions import (
    FixtureSyntaxError,
    LoaddataStdinError,
    ObjectLoadError,
    SubstitutionError,
)
from loaddata_stdin.interrupts import ending_in_one_line
from loaddata_stdin.limits import Limits, size
from loaddata_stdin.objects import FixtureObject
from loaddata_stdin.read import FORMATS, MARKS, FixtureReader
from loaddata_stdin.standard_input import standard_input
from loaddata_stdin.substitute import Substitution
from loaddata_stdin.typed import typed

STDIN = loaddata.READ_STDIN
_LIMITS = Limits()
_LONG = re.compile(r"(\S{60})\S{20,}")  # Django repeats a value, however long.


class StdinFixture:
    """The objects of standard input, as the file that Django's command reads.

    Attributes:
        current: the object being loaded; None before the first and after the last.
    """

    def __init__(
        self, reader: FixtureReader, substitution: Substitution | None
    ) -> None:
        self.current: FixtureObject | None = None
        self._reader = reader
        self._substitution = substitution

    def __iter__(self) -> Iterator[dict[str, Any]]:  # Any: whatever a fixture can hold
        """Yield what Django's "python" deserializer takes."""
        for item in self._reader:
            self.current = item
            yield self._values(item)
        self.current = None
        if not self._reader.count and not self._reader.is_counted:
            message = "no objects; send a fixture, or leave out '-'."
            raise FixtureSyntaxError(message)

    def _values(self, item: FixtureObject) -> dict[str, Any]:
        try:
            values = typed(apps.get_model(item.model), item)
        except LookupError:  # Django refuses the model, or is to ignore it.
            return item.values
        if not self._substitution:
            return values
        try:
            # The item stays as it was written: its place in a message shows no value.
            substituted: dict[str, Any] = self._substitution(values)
        except SubstitutionError as error:
            message = f"{item}: {error}"
            raise SubstitutionError(message) from None
        return substituted

    def close(self) -> None:
        """Leave standard input open: it belongs to the caller."""


class Command(loaddata.Command):
    """Load fixtures; `-` is a fixture of any format on standard input."""

    stdin_fixture: StdinFixture | None = None
    _is_committed = False

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as a program, which a signal ends like an error does."""
        with ending_in_one_line(self._say_interrupted):
            super().run_from_argv(argv)

    def _say_interrupted(self, signal_name: str) -> None:
        what = "all was written before" if self._is_committed else "nothing was written"
        self.stderr.write(self.style.ERROR(f"Interrupted by {signal_name}: {what}."))

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what concerns standard input to Django's options."""
        super().add_arguments(parser)
        parser.add_argument(
            "--env",
            action="store_true",
            help="Replace ${NAME}, ${NAME:-default} and ${NAME:?message} in the strings"
            " of standard input by the environment's values, ${file:PATH} by the text of"
            " a file; $$ is a dollar sign.",
        )
        parser.add_argument(
            "--expect",
            type=_expected,
            metavar="N",
            help="Load nothing unless standard input holds N objects; 'end': unless its"
            " end is marked by YAML's '...', the ']' of JSON, the last tag of XML or a"
            ' record {"count": N}.',
        )
        for option, default, what in (
            ("--max-object-size", _LIMITS.object_size, "an object"),
            ("--max-window", _LIMITS.window_size, "the window of a decompressor"),
        ):
            parser.add_argument(
                option,
                type=size,
                default=default,
                metavar="SIZE",
                help=f"The most that {what} of standard input may take, such as 64M;"
                f" {default // 1024**2}M without it.",
            )

    def handle(self, *fixture_labels: str, **options: Any) -> None:  # Any: Django's
        """Load the labels as Django does, standard input by this package.

        Raises:
            LoaddataStdinError: nothing was loaded; the text says what stands where.
        """
        if STDIN not in fixture_labels or not _is_ours(options["format"]):
            _refuse_ours(options)
            super().handle(*fixture_labels, **options)
            self._is_committed = True
            return
        substitution = Substitution(os.environ) if options["env"] else None
        try:
            reader = _reader(fixture_labels, options)
            self.stdin_fixture = StdinFixture(reader, substitution)
            super().handle(*fixture_labels, **options)
        except LoaddataStdinError as error:
            message = f"stdin: {error}"
            raise type(error)(message) from error.__cause__
        except CommandError:
            raise
        except Exception as error:  # noqa: BLE001  # Fields and signals raise anything.
            message = _explain(error, self.stdin_fixture, substitution)
            # The original error may show a secret: chained only where there is none.
            raise ObjectLoadError(message) from (None if substitution else error)
        self._is_committed = True
        if not reader.is_end_certain and options["verbosity"] > 0:
            self._say_end_unknown(reader.count)

    def _say_end_unknown(self, count: int) -> None:
        self.stderr.write(
            "stdin: nothing marks its end, so it is not known whether all of it came;"
            f" {MARKS}, or give --expect {count}."
        )

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


def _expected(text: str) -> int | Literal["end"]:
    if text != "end" and not (text.isascii() and text.isdigit()):
        message = f"{text!r} is neither a number of objects nor 'end'"
        raise argparse.ArgumentTypeError(message)
    return "end" if text == "end" else int(text)


def _is_ours(format_name: str | None) -> bool:
    """Return whether standard input is read here; of other formats Django knows.

    Raises:
        LoaddataStdinError: nobody knows the format.
    """
    if format_name is None or format_name in FORMATS:
        return format_name not in getattr(settings, "SERIALIZATION_MODULES", {})
    known = {*FORMATS, *serializers.get_public_serializer_formats()}
    if format_name not in known:
        message = (
            f"--format {format_name}: there is no such format; leave it out, or choose"
            f" from {', '.join(sorted(known))}."
        )
        raise LoaddataStdinError(message)
    return False


def _refuse_ours(options: dict[str, Any]) -> None:
    is_asked = {"env": options["env"], "expect": options["expect"] is not None}
    for option in is_asked:
        if is_asked[option]:
            message = (
                f"--{option} is for '-' in {', '.join(FORMATS)}; leave it out, or pipe"
                " the fixture."
            )
            raise LoaddataStdinError(message)


def _reader(labels: tuple[str, ...], options: dict[str, Any]) -> FixtureReader:
    if labels.count(STDIN) > 1:
        message = "'-' is named twice; it can be read once."
        raise FixtureSyntaxError(message)
    return FixtureReader(
        standard_input(),
        format_name=options["format"],
        limits=Limits(options["max_object_size"], options["max_window"]),
        expect=options["expect"],
    )


def _explain(
    error: Exception, fixture: StdinFixture | None, substitution: Substitution | None
) -> str:
    text = str(error).removeprefix("Problem installing fixture '-': ")
    if substitution and substitution.used:
        # PostgreSQL shortens values in DETAIL lines, so that they escape masking.
        text = substitution.masked(text).partition("\n")[0]
    text = _LONG.sub(r"\1...", " ".join(text.split())) or type(error).__name__
    return f"stdin: {fixture.current}: {text}" if fixture and fixture.current else text
