"""Load a stream of objects into a database: the door for Python."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import IO, Any, Literal

from django.db import connections, transaction

from loaddata_stdin.django_private import unlogged
from loaddata_stdin.exceptions import FixtureSyntaxError
from loaddata_stdin.limits import Limits
from loaddata_stdin.loader import Loader
from loaddata_stdin.options import Options
from loaddata_stdin.problems.problems import Problems
from loaddata_stdin.problems.secrets import Secrets
from loaddata_stdin.read.fixture import FixtureReader
from loaddata_stdin.read.standard_input import as_bytes
from loaddata_stdin.report import Report

__all__ = ["Options", "load"]


def load(
    stream: IO[Any] | bytes,
    *,
    using: str | None = None,
    format_name: str | None = None,
    expect: int | Literal["end"] | None = None,
    limits: Limits | None = None,
    options: Options | None = None,
) -> Report:
    """Load the objects of a stream, all or none; the stream is left open.

    Args:
        stream: of bytes or text, or bytes; of any format and compression.
        using: the alias of the database; None: what the options say.
        format_name: "json", "jsonl", "xml" or "yaml"; None lets the stream tell.
        expect: how many objects there must be; "end": its end must be marked.
        limits: what the stream may ask of the memory.
        options: how the objects are loaded.

    Raises:
        LoaddataStdinError: nothing was loaded; the text says why, `errors` line by line.
    """
    options = options or Options()
    options = replace(options, using=using or options.using)
    problems = Problems(options.most_errors, Secrets(options.substitution))
    reader = FixtureReader(
        as_bytes(stream), format_name=format_name, limits=limits, expect=expect
    )
    quietly = unlogged(options.using) if options.substitution else nullcontext()
    with problems.in_one_line(), quietly, transaction.atomic(using=options.using):
        loader = Loader(options, problems)
        with connections[options.using].constraint_checks_disabled():
            loader.load(reader, reader.place_of)
            if not reader.count and not reader.is_counted:
                message = "no objects; send a fixture."
                raise FixtureSyntaxError(message)
            loader.finish()
        loader.reset_sequences()
        if options.is_dry_run:
            transaction.set_rollback(True, using=options.using)
    loader.report.is_end_certain = reader.is_end_certain
    loader.report.is_dry_run = options.is_dry_run
    return loader.report
