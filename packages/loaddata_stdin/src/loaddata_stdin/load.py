"""Load a stream of objects into a database: the door for Python."""

from __future__ import annotations

from typing import BinaryIO, Literal

from django.db import connections, transaction

from loaddata_stdin.exceptions import FixtureSyntaxError
from loaddata_stdin.limits import Limits
from loaddata_stdin.loader import Loader
from loaddata_stdin.options import Options
from loaddata_stdin.read import FixtureReader
from loaddata_stdin.report import Report

__all__ = ["Options", "load"]


def load(
    stream: BinaryIO,
    *,
    format_name: str | None = None,
    expect: int | Literal["end"] | None = None,
    limits: Limits | None = None,
    options: Options | None = None,
) -> Report:
    """Load the objects of a stream, all or none; the stream is left open.

    Args:
        stream: bytes of any format and compression.
        format_name: "json", "jsonl", "xml" or "yaml"; None lets the stream tell.
        expect: how many objects there must be; "end": its end must be marked.
        limits: what the stream may ask of the memory.
        options: how the objects are loaded.

    Raises:
        LoaddataStdinError: nothing was loaded; the text says why.
    """
    options = options or Options()
    loader = Loader(options)
    reader = FixtureReader(
        stream, format_name=format_name, limits=limits, expect=expect
    )
    with transaction.atomic(using=options.using):
        with connections[options.using].constraint_checks_disabled():
            loader.load(reader)
            if not reader.count and not reader.is_counted:
                message = "no objects; send a fixture."
                raise FixtureSyntaxError(message)
            loader.finish()
        loader.reset_sequences()
    loader.report.is_end_certain = reader.is_end_certain
    return loader.report
