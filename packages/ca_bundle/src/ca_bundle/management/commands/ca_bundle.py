"""manage.py ca_bundle: the command line, with the hosts of CA_BUNDLES as default."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ca_bundle.cli import add_arguments, run
from ca_bundle.use.sessions import configured_bundles

__all__ = ["Command"]


class Command(BaseCommand):
    """Runs `doctor` or `build`."""

    help = "Say why a TLS chain does not verify, and complete it safely."
    # A bundle that is missing is what `build` is there for.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the commands of the command line."""
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command; leave with its exit code."""
        configured = {h: Path(file) for h, file in configured_bundles().items()}
        code = run(argparse.Namespace(**options), configured, self.stdout, self.stderr)
        if code:
            sys.exit(code)
