"""manage.py loaddata: Django's command, with a standard input that needs no --format."""

from __future__ import annotations

import argparse
import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any, Literal

from django.conf import settings
from django.core import serializers
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import loaddata

from loaddata_stdin.diagnosis import first_line
from loaddata_stdin.django_private import unlogged
from loaddata_stdin.exceptions import (
    FixtureSyntaxError,
    LoaddataStdinError,
    ManyObjectsError,
    ObjectLoadError,
)
from loaddata_stdin.interrupts import ending_in_one_line
from loaddata_stdin.limits import Limits, size
from loaddata_stdin.loader import Loader
from loaddata_stdin.objects import FixtureObject
from loaddata_stdin.options import Options
from loaddata_stdin.problems import Problems
from loaddata_stdin.read import FORMATS, MARKS, FixtureReader
from loaddata_stdin.secret import Secrets
from loaddata_stdin.standard_input import standard_input
from loaddata_stdin.substitute import Substitution

STDIN = loaddata.READ_STDIN
_LIMITS = Limits()


class Command(loaddata.Command):
    """Load fixtures; `-` is a fixture of any format on standard input."""

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
        parser.add_argument(
            "--max-errors",
            type=_at_least_one,
            default=1,
            metavar="N",
            help="Go on after an object of standard input that cannot be loaded, up to N"
            " of them, and print a line for each; nothing is written all the same.",
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
        self._reader: FixtureReader | None = None
        if STDIN not in fixture_labels or not _is_ours(options["format"]):
            _refuse_ours(options)
            super().handle(*fixture_labels, **options)
            self._is_committed = True
            return
        self._substitution = Substitution(os.environ) if options["env"] else None
        self._problems = Problems(options["max_errors"], Secrets(self._substitution))
        refusal = self._refusal(fixture_labels, options)
        if refusal:
            raise refusal from refusal.__cause__
        self._is_committed = True
        if options["verbosity"] > 0:
            self._say_if_end_unknown()

    def _refusal(
        self, labels: tuple[str, ...], options: dict[str, Any]
    ) -> CommandError | None:
        """Load; return what goes wrong, as it may be shown."""
        problems = self._problems
        quietly = unlogged(options["database"]) if options["env"] else nullcontext()
        try:
            with problems.in_one_line(), quietly:
                self._reader = _reader(labels, options)
                super().handle(*labels, **options)
        except ManyObjectsError as error:
            return self._listed([f"stdin: {line}" for line in error.errors])
        except LoaddataStdinError as error:
            is_ours = not str(error).startswith("Problem installing")
            shown = type(error)(f"stdin: {error}" if is_ours else str(error))
            shown.__cause__ = error.__cause__
            return shown
        except CommandError as error:
            return error
        except Exception as error:  # noqa: BLE001  # Fields and signals of a file raise anything.
            refusal = ObjectLoadError(problems.shown(first_line(error)))
            refusal.__cause__ = problems.cause(error)
            return refusal
        return None

    def _listed(self, lines: list[str]) -> CommandError:
        """Print lines where the program ends; return an error that has them otherwise."""
        many = ManyObjectsError(lines)
        # Django sets it in run_from_argv, in 5.2, 6.0 and 6.1.
        if not getattr(self, "_called_from_command_line", False):
            return many
        for line in lines:
            self.stderr.write(line)
        return ObjectLoadError(many.summary)

    def _say_if_end_unknown(self) -> None:
        reader = self._reader
        if reader and not reader.is_end_certain:
            self.stderr.write(
                "stdin: nothing marks its end, so it is not known whether all of it came;"
                f" {MARKS}, or give --expect {reader.count}."
            )

    def load_label(self, fixture_label: str) -> None:
        """Load a label; standard input in bulk.

        Not documented by Django; the same in 5.2, 6.0 and 6.1.
        """
        if fixture_label != STDIN or not self._reader:
            super().load_label(fixture_label)
            return
        loader = Loader(
            Options(
                using=self.using,
                substitution=self._substitution,
                most_errors=self._problems.most,
                is_lenient=self.ignore,
                excluded_models=self.excluded_models,
                excluded_apps=self.excluded_apps,
            ),
            self._problems,
        )
        objects: Iterable[FixtureObject] = self._reader
        if self.verbosity > 2:
            objects = self._shown(objects)
        loader.load(objects, self._reader.place_of)
        if not self._reader.count and not self._reader.is_counted:
            message = "no objects; send a fixture, or leave out '-'."
            raise FixtureSyntaxError(message)
        if not loader.report.read:
            message = "No fixture data found for '-'."
            warnings.warn(message, RuntimeWarning, stacklevel=2)
        loader.flush()
        if self.verbosity > 1:
            for label, reason in loader.report.slow.items():
                self.stdout.write(f"{label} is saved object by object: {reason}.")
        self.fixture_count += 1
        self.fixture_object_count += loader.report.read
        self.loaded_object_count += loader.report.loaded
        self.models |= loader.models
        # Django ends with what waits for objects of other labels.
        waiting: list[Any] = self.objs_with_deferred_fields  # Any: of one method
        waiting.append(_Rest(loader))

    def _shown(self, objects: Iterable[FixtureObject]) -> Iterator[FixtureObject]:
        """Say how far it is, as Django does."""
        for item in objects:
            yield item
            self.stdout.write(f"\rProcessed {item.number} object(s).", ending="")
        self.stdout.write()

    def parse_name(self, fixture_name: str) -> tuple[str, str | None, str | None]:
        """Take standard input without a format."""
        if fixture_name == STDIN and self._reader:
            return STDIN, None, "stdin"
        return super().parse_name(fixture_name)


class _Rest:
    """What of standard input waits for the other labels, as Django's command calls it."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def save_deferred_fields(self, using: str) -> None:
        self._loader.finish()


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
    is_asked = {
        "env": options["env"],
        "expect": options["expect"] is not None,
        "max-errors": options["max_errors"] > 1,
    }
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


def _at_least_one(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        message = f"{text!r} is no number of errors from 1"
        raise argparse.ArgumentTypeError(message)
    return int(text)
