"""manage.py loaddata: Django's command, with a standard input that needs no --format."""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import (
    CommandError,
    CommandParser,
    OutputWrapper,
)
from django.core.management.commands import loaddata
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from loaddata_stdin.command.arguments import (
    add_arguments,
    file_format,
    is_ours,
    modes,
    refuse_ours,
    refuse_with_files,
    substitution,
)
from loaddata_stdin.command.interrupts import ending_in_one_line
from loaddata_stdin.command.outputs import UntilUnread, in_place_of_closed, saying
from loaddata_stdin.command.progress import Progress
from loaddata_stdin.django_private import unlogged
from loaddata_stdin.exceptions import (
    FixtureSyntaxError,
    LoaddataStdinError,
    ManyObjectsError,
    ObjectLoadError,
)
from loaddata_stdin.limits import Limits
from loaddata_stdin.loader import Loader
from loaddata_stdin.model.plan import RECEIVES
from loaddata_stdin.options import Options
from loaddata_stdin.problems.diagnosis import first_line
from loaddata_stdin.problems.problems import Problems
from loaddata_stdin.problems.secrets import Secrets
from loaddata_stdin.read.fixture import MARKS, FixtureReader
from loaddata_stdin.read.standard_input import Bytes, standard_input
from loaddata_stdin.report import Report

STDIN = loaddata.READ_STDIN
# Fewer are saved in a moment, in whatever way.
SLOW_OBJECTS = 1000
# The server commits, and its answer does not arrive.
_UNKNOWN = "whether it was written is not known; load it again"


class Command(loaddata.Command):
    """Load fixtures; `-` is a fixture of any format on standard input."""

    _is_committed = False
    _ending_on: Any = None  # The driver's connection, while it commits.

    def __init__(self, *args: Any, **options: Any) -> None:  # Any: Django's
        """Work with closed outputs, too."""
        super().__init__(*args, **{**in_place_of_closed(), **options})

    @property
    def _is_program(self) -> bool:
        # Django sets it in run_from_argv, in 5.2, 6.0 and 6.1.
        return getattr(self, "_called_from_command_line", False)

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as a program, which a signal ends like an error does."""
        with ending_in_one_line(self._say_interrupted):
            super().run_from_argv(argv)

    def _say_interrupted(self, signal_name: str) -> None:
        what = "nothing was written"
        if self._is_committed:
            what = "all was written before"
        elif self._ending_on:
            what = _UNKNOWN
        self.stderr.write(self.style.ERROR(f"Interrupted by {signal_name}: {what}."))

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what concerns standard input to Django's options."""
        super().add_arguments(parser)
        add_arguments(parser)

    def handle(self, *fixture_labels: str, **options: Any) -> None:  # Any: Django's
        """Load the labels as Django does, standard input by this package.

        Raises:
            LoaddataStdinError: nothing was loaded; the text says what stands where.
        """
        self._reader: FixtureReader | None = None
        self._report: Report | None = None
        self._name = "stdin"
        if file := self._file(fixture_labels, options):
            # It is read as standard input is.
            [self._name], fixture_labels = fixture_labels, (STDIN,)
            options["format"] = file
        if STDIN not in fixture_labels or not is_ours(options["format"]):
            refuse_ours(options)
            super().handle(*fixture_labels, **options)
            self._is_committed = True
            return
        self.stdout = self._until_unread(self.stdout)
        self.stderr = self._until_unread(self.stderr)
        self._is_alone = set(fixture_labels) == {STDIN}
        if not self._is_alone:
            refuse_with_files(options)
        self._substitution = substitution(options)
        self._problems = Problems(options["max_errors"], Secrets(self._substitution))
        self._modes = modes(options)
        self._asked = options
        refusal = self._refusal(fixture_labels, options)
        if refusal:
            raise refusal from refusal.__cause__
        self._is_committed = not options["dry_run"]
        done = "all was written" if self._is_committed else "the dry run has ended"
        with saying(self.stdout, self._name, done, is_program=self._is_program):
            self._say_report(options)

    def _file(self, labels: tuple[str, ...], options: dict[str, Any]) -> str | None:
        """Return the format of the only label, if it is the path of a file."""
        if len(labels) != 1 or options["format"]:
            return None
        # Django's own look-up of its folders asks for it.
        self.using = options["database"]
        self.app_label = options["app_label"]
        return file_format(labels[0], self.fixture_dirs)

    def _until_unread(self, out: OutputWrapper) -> OutputWrapper:
        unread: Any = UntilUnread(out, is_program=self._is_program)
        return OutputWrapper(unread)

    def _handle(self, labels: tuple[str, ...], options: dict[str, Any]) -> None:
        is_wanted = options["verbosity"] > 0
        with ExitStack() as files:
            source = standard_input() if self._is_stdin else self._opened(files)
            self._progress = Progress(source, sys.stderr, is_wanted=is_wanted)
            files.callback(self._progress.close)
            self._reader = _reader(self._progress, labels, options)
            # Nothing but the summary may stand on standard output, and of a dry run not
            # that anything was installed.
            is_quiet = options["summary"] or options["dry_run"]
            verbosity = 0 if is_quiet else options["verbosity"]
            super().handle(*labels, **{**options, "verbosity": verbosity})

    @property
    def _is_stdin(self) -> bool:
        return self._name == "stdin"

    def _opened(self, files: ExitStack) -> Bytes:
        return Bytes(files.enter_context(Path(self._name).open("rb")))

    def loaddata(self, fixture_labels: Sequence[str]) -> None:
        """Load the labels, and undo it in a dry run.

        Not documented by Django; the same in 5.2, 6.0 and 6.1.
        """
        super().loaddata(fixture_labels)
        if self._reader and self._asked["dry_run"]:
            transaction.set_rollback(True, using=self.using)
        else:
            self._ending_on = connections[self.using].connection

    def reset_sequences(
        self, connection: BaseDatabaseWrapper, models: set[type[Model]]
    ) -> None:
        """Let the sequences go on, which a rollback would not undo.

        Not documented by Django; the same in 5.2, 6.0 and 6.1.
        """
        if not (self._reader and self._asked["dry_run"]):
            super().reset_sequences(connection, models)

    def _say_report(self, options: dict[str, Any]) -> None:
        reader, report = self._reader, self._report
        assert reader  # noqa: S101  # It has been read.
        report = report or Report()
        report.is_end_certain = reader.is_end_certain
        report.is_dry_run = options["dry_run"]
        if options["verbosity"] > 0:
            self._say_if_end_unknown()
            self._say_if_slow(report)
        if options["summary"]:
            self.stdout.write(json.dumps(report.as_dict()))
            return
        is_asked = options["diff"] or options["dry_run"] or options["delete_missing"]
        if options["verbosity"] > 1 or (is_asked and options["verbosity"] > 0):
            for line in report.lines():
                self.stdout.write(line)
        if options["dry_run"] and options["verbosity"] > 0:
            self.stdout.write(
                f"Dry run: {report.loaded} object(s) loaded, and nothing was kept."
            )
            for label, reason in report.slow.items():
                if reason.endswith(RECEIVES):
                    self.stdout.write(f"{label}: {reason}, in a dry run too.")

    def _refusal(
        self, labels: tuple[str, ...], options: dict[str, Any]
    ) -> CommandError | None:
        """Load; return what goes wrong, as it may be shown."""
        problems = self._problems
        quietly = unlogged(options["database"]) if self._substitution else nullcontext()
        try:
            with problems.in_one_line(), quietly:
                self._handle(labels, options)
        except ManyObjectsError as error:
            return self._listed([f"{self._name}: {line}" for line in error.errors])
        except LoaddataStdinError as error:
            text = str(error)
            connection = connections[options["database"]].connection
            # Django opens another one when this is lost.
            if self._ending_on and self._ending_on is not connection:
                text += f" {_UNKNOWN.capitalize()}."
            is_other = text.startswith(("Problem installing", "--key "))
            shown = type(error)(text if is_other else f"{self._name}: {text}")
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
        if not self._is_program:
            return many
        for line in lines:
            self.stderr.write(line)
        return ObjectLoadError(many.summary)

    def _say_if_end_unknown(self) -> None:
        reader = self._reader
        # Of a file, Django takes the end for granted.
        if reader and self._is_stdin and not reader.is_end_certain:
            self.stderr.write(
                "stdin: nothing marks its end, so it is not known whether all of it came;"
                f" {MARKS}, or give --expect {reader.count}."
            )

    def _say_if_slow(self, report: Report) -> None:
        saved = sum(counts.saved for counts in report.models.values())
        if saved < SLOW_OBJECTS or saved <= report.loaded / 2:
            return
        (label, reason), *others = report.slow.items()
        more = f", and {len(others)} more (-v 2 names them)" if others else ""
        self.stderr.write(
            f"{self._name}: {saved} of {report.loaded} objects were saved one by one, as Django"
            f" does, not in bulk: {label}: {reason}{more}."
        )

    def load_label(self, fixture_label: str) -> None:
        """Load a label; standard input in bulk.

        Not documented by Django; the same in 5.2, 6.0 and 6.1.
        """
        if fixture_label != STDIN or not self._reader:
            super().load_label(fixture_label)
            return
        loader = Loader(self._load_options(), self._problems)
        self._report = loader.report
        loader.load(self._progress.counted(self._reader), self._reader.place_of)
        if not self._reader.count and not self._reader.is_counted:
            message = "no objects; send a fixture, or leave out '-'."
            if not self._is_stdin:
                message = "there are no objects in it."
            raise FixtureSyntaxError(message)
        if not loader.report.read:
            label = STDIN if self._is_stdin else self._name
            message = f"No fixture data found for '{label}'."
            warnings.warn(message, RuntimeWarning, stacklevel=2)
        if not self._is_alone:
            loader.flush()
        if self._asked["verbosity"] > 1 and not self._asked["summary"]:
            for label, reason in loader.report.slow.items():
                self.stdout.write(f"{label} is saved object by object: {reason}.")
        self.fixture_count += 1
        self.fixture_object_count += loader.report.read
        self.loaded_object_count += loader.report.loaded
        self.models |= loader.models
        # Django ends with what waits for objects of other labels.
        waiting: list[Any] = self.objs_with_deferred_fields  # Any: of one method
        waiting.append(_Rest(loader))

    def _load_options(self) -> Options:
        return Options(
            using=self.using,
            substitution=self._substitution,
            most_errors=self._problems.most,
            is_lenient=self.ignore,
            excluded_models=self.excluded_models,
            excluded_apps=self.excluded_apps,
            is_counted=self._is_counted,
            differ=self._say_line if self._asked["diff"] else None,
            say_phase=self._progress.say_phase,
            **self._modes,
        )

    @property
    def _is_counted(self) -> bool:
        """Whether the counts of each model are shown."""
        asked = self._asked
        names = ("summary", "diff", "dry_run", "delete_missing")
        return asked["verbosity"] > 1 or any(asked[name] for name in names)

    def _say_line(self, line: str) -> None:
        """Say a line of what changes."""
        is_alone = self._asked["summary"]
        self._progress.say(line, self.stderr if is_alone else self.stdout)

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


def _reader(
    stream: Progress, labels: tuple[str, ...], options: dict[str, Any]
) -> FixtureReader:
    if labels.count(STDIN) > 1:
        message = "'-' is named twice; it can be read once."
        raise FixtureSyntaxError(message)
    return FixtureReader(
        stream,
        format_name=options["format"],
        limits=Limits(options["max_object_size"], options["max_window"]),
        expect=options["expect"],
    )
