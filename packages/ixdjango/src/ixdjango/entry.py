"""The entry point of manage.py and `python -m ixdjango`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from ixdjango.exceptions import IxdjangoError
from ixdjango.masking import describe_error

__all__ = ["SETTINGS_EXIT_CODE", "main"]

#: Exit code if the settings cannot be used.
SETTINGS_EXIT_CODE = 2


def main(settings: str | None = None, arguments: Sequence[str] | None = None) -> None:
    """Run a management command; settings that cannot be used are a message and exit 2.

    Args:
        settings: the module of the settings, unless `DJANGO_SETTINGS_MODULE` is set.
        arguments: of the command line; None means `sys.argv`.
    """
    if settings:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    try:
        execute_from_command_line(list(sys.argv if arguments is None else arguments))
    except (ImproperlyConfigured, IxdjangoError) as error:
        lines = map(describe_error, map(Exception, str(error).splitlines()))
        sys.stderr.write("".join(f"{line}\n" for line in lines))
        sys.exit(SETTINGS_EXIT_CODE)
