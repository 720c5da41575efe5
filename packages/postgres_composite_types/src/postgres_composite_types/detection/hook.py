"""Make `makemigrations` and `migrate` see composite types."""

from __future__ import annotations

from django.core.checks import register
from django.core.management.commands import makemigrations, migrate

from postgres_composite_types.detection import django_state
from postgres_composite_types.detection.autodetector import (
    CompositeTypeAutodetectorMixin,
)
from postgres_composite_types.detection.checks import check_hook


def install() -> None:
    """Put the detection of types into the commands; a second call changes nothing.

    Some apps extend `Command.autodetector`, others (django-pgtrigger) the name that the
    commands imported, and overwrite the former with that: so all four are set, to one
    class that extends whatever is there. Two classes would be commands.E001.
    """
    django_state.install()
    register(check_hook)
    present = makemigrations.Command.autodetector
    if not issubclass(present, CompositeTypeAutodetectorMixin):
        bases = (CompositeTypeAutodetectorMixin, present)
        present = type("MigrationAutodetector", bases, {})
    for module in (makemigrations, migrate):
        module.MigrationAutodetector = present  # type: ignore[attr-defined]  # pgtrigger's hook
        module.Command.autodetector = present
