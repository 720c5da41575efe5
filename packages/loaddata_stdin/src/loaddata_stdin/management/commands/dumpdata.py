"""manage.py dumpdata: Django's command, and a record with the count for `loaddata -`."""

from __future__ import annotations

from typing import Any

from django.core import serializers
from django.core.management.base import CommandParser
from django.core.management.commands import dumpdata

from loaddata_stdin.command import counted_jsonl
from loaddata_stdin.exceptions import LoaddataStdinError

_COUNTED = "counted_jsonl"


class Command(dumpdata.Command):
    """Dump as Django does; with --count, so that a lost end is noticed."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --count to Django's options."""
        super().add_arguments(parser)
        # "json" is taken where none is given: only so can it be told whether one was.
        parser.set_defaults(format=None)
        parser.add_argument(
            "--count",
            action="store_true",
            help='Dump JSON Lines, and a last line {"count": N}, by which `loaddata -`'
            " knows that nothing is missing. Django's own loaddata cannot read it.",
        )

    def handle(self, *app_labels: str, **options: Any) -> None:  # Any: Django's
        """Dump what the labels name.

        Raises:
            LoaddataStdinError: --count is given for another format than JSON Lines.
        """
        if not options["count"]:
            options["format"] = options["format"] or "json"
            super().handle(*app_labels, **options)
            return
        if options["format"] not in {None, "jsonl"}:
            message = (
                f"--count is for JSON Lines, not for --format {options['format']}; leave"
                " one of them out."
            )
            raise LoaddataStdinError(message)
        # The command takes a format by its name; others are not to find it.
        serializers.register_serializer(_COUNTED, counted_jsonl.__name__)
        try:
            super().handle(*app_labels, **{**options, "format": _COUNTED})
        finally:
            serializers.unregister_serializer(_COUNTED)
