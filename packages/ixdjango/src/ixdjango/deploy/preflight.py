"""Checks before the first step, if they are asked for."""

from __future__ import annotations

import io

from django.core.management import call_command
from django.core.management.base import CommandError

from ixdjango.exceptions import StepFailedError
from ixdjango.masking import describe_error

__all__ = ["preflight"]

CHECKS = (
    ("check --deploy", "check", {"deploy": True, "fail_level": "WARNING"}),
    (
        "makemigrations --check",
        "makemigrations",
        {"check_changes": True, "dry_run": True},
    ),
)


def preflight() -> None:
    """Run `check --deploy`, and look for model changes without a migration.

    Raises:
        StepFailedError: one of them failed; nothing was changed.
    """
    for name, command, options in CHECKS:
        said = io.StringIO()
        try:
            call_command(command, stdout=said, stderr=said, **options)
        except (CommandError, SystemExit) as error:
            reason = describe_error(error) if isinstance(error, CommandError) else ""
            reason = reason or " ".join(said.getvalue().split())
            message = f"preflight: {name} failed, and nothing was run: {reason}"
            raise StepFailedError(message) from error
