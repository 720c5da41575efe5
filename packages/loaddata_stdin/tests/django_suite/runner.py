"""Runs Django's own tests of loaddata, also with every file sent to standard input."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from unittest import mock

from django.core import management
from django.core.management.commands import loaddata
from django.test import testcases
from django.test.runner import DiscoverRunner

from loaddata_stdin.management.commands.loaddata import Command

# By name: what they ask for is meant to be otherwise.
EXCLUDED = {"test_stdin_without_format": "--format is not needed"}
_WORDS = "an error says where the object stands, in other words"
_NOTHING = "a stream without objects is refused; a file only gets a warning"
EXCLUDED_FROM_PIPES = {
    **EXCLUDED,
    "test_empty": _NOTHING,
    "test_invalid_data": _NOTHING,
    "test_invalid_data_no_ext": _NOTHING,
    "test_loaddata_error_message": _WORDS,
    "test_loaddata_null_characters_on_postgresql": _WORDS,
    "test_loaddata_verbosity_three": "a bar on a terminal shows how far it is",
    "test_loaddata_raises_error_when_fixture_has_invalid_foreign_key": _WORDS,
}
IS_PIPED = os.environ["FIELDKIT_SUITE_WAY"] == "pipe"
_call_command = management.call_command


def call_command(name, *labels, **options):
    """Call a command; this package's loaddata for the one of Django.

    It is named, since tests with `available_apps` take the package out of those that are
    searched for commands. One label that is one file goes by `-`, where that is asked for.
    """
    if name != "loaddata":
        return _call_command(name, *labels, **options)
    file = _only_file(labels, options) if IS_PIPED else None
    if file is None:
        return _call_command(Command(), *labels, **options)
    Runner.piped += 1
    with mock.patch.object(sys, "stdin", io.BytesIO(Path(file).read_bytes())):
        return _call_command(Command(), "-", **options)


def _only_file(labels, options):
    if len(labels) != 1 or labels[0] == "-":
        return None
    command = loaddata.Command()
    command.using = options.get("database", "default")
    command.app_label = options.get("app_label")
    command.verbosity = 0
    suffixes = (None, "gz", "zip", "bz2", "lzma", "xz")
    command.compression_formats = dict.fromkeys(suffixes)
    command.serialization_formats = ["json", "jsonl", "xml", "yaml"]
    loaddata.Command.find_fixtures.cache_clear()
    try:
        [(file, _, _)] = command.find_fixtures(labels[0])
    except Exception:  # noqa: BLE001  # The command itself is to say why.
        return None
    return file


class Runner(DiscoverRunner):
    """Leaves out what is excluded by name; counts what went to standard input."""

    piped = 0

    def setup_test_environment(self, **options):
        super().setup_test_environment(**options)
        management.call_command = testcases.call_command = call_command

    def build_suite(self, *arguments, **options):
        suite = super().build_suite(*arguments, **options)
        excluded = EXCLUDED_FROM_PIPES if IS_PIPED else EXCLUDED
        kept = [each for each in suite if each._testMethodName not in excluded]
        return type(suite)(kept)

    def suite_result(self, suite, result, **options):
        sys.stdout.write(f"{result.testsRun} run, {self.piped} fixtures piped\n")
        return super().suite_result(suite, result, **options)
