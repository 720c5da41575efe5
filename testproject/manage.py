#!/usr/bin/env python
"""Run a management command of the site."""

from __future__ import annotations

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from ixdjango.exceptions import IxdjangoError


def main() -> None:
    """Run the command; a setting that cannot work is one line and exit 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "testproject.settings")
    try:
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, IxdjangoError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
