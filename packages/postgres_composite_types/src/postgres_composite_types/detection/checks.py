"""The system check that the detection of types is in place."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.management import get_commands, load_command_class

from postgres_composite_types.detection.autodetector import (
    CompositeTypeAutodetectorMixin,
)


def check_hook(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each command that would not see composite types."""
    return [
        Error(
            f"manage.py {name} does not see composite types:"
            f" {command.__module__} sets an autodetector of its own.",
            hint=(
                "Let its autodetector inherit from postgres_composite_types"
                ".detection.autodetector.CompositeTypeAutodetectorMixin too."
            ),
            id="postgres_composite_types.E010",
        )
        for name in ("makemigrations", "migrate")
        for command in [load_command_class(get_commands()[name], name)]
        if not issubclass(
            getattr(command, "autodetector", object), CompositeTypeAutodetectorMixin
        )
    ]
