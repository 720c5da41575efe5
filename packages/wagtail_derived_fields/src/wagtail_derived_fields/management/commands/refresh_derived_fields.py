"""manage.py refresh_derived_fields: index again what has changed with the clock."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from modelsearch.backends import get_search_backends_with_name
from modelsearch.index import get_indexed_models

from wagtail_derived_fields.declare.fields import derived_fields

__all__ = ["Command"]


class Command(BaseCommand):
    """Run it as often as the values change: daily for dates."""

    help = "Index the instances of models with time-dependent derived fields again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size of a batch."""
        parser.add_argument(
            "--batch-size", type=int, default=1000, help="instances at a time (1000)"
        )

    def handle(self, *args: Any, batch_size: int, **options: Any) -> None:
        """Index each model, batch by batch."""
        chosen = [
            model
            for model in get_indexed_models()
            if any(field.time_dependent for field in derived_fields(model))
        ]
        for name, backend in get_search_backends_with_name():
            for model in chosen:
                count = 0
                rows = model.get_indexed_objects().order_by("pk")
                for batch in _batches(rows, batch_size):
                    backend.add_bulk(model, batch)
                    count += len(batch)
                if options["verbosity"]:
                    self.stdout.write(f"{name}: {model._meta.label}: {count}")


def _batches(rows: Any, size: int) -> Any:
    last = None
    while batch := list((rows if last is None else rows.filter(pk__gt=last))[:size]):
        yield batch
        last = batch[-1].pk
