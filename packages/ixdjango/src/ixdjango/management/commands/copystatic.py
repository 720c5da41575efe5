"""manage.py copystatic: copy the static files to where the web server serves them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ixdjango.static_copy import copy_tree


class Command(BaseCommand):
    """Copy STATIC_ROOT to NGINX_STATIC_DIR."""

    help = "Copies STATIC_ROOT to NGINX_STATIC_DIR: what changed, each file at once."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the folder and --delete."""
        parser.add_argument("folder", nargs="?", help="instead of NGINX_STATIC_DIR")
        parser.add_argument(
            "--delete", action="store_true", help="remove what is not in STATIC_ROOT"
        )

    def handle(self, *, folder: str | None, delete: bool, **options: Any) -> None:
        """Copy, or say that there is nowhere to copy to.

        Raises:
            CommandError: there is nothing to copy, one folder is in the other, or a file
                cannot be written.
        """
        target = folder or getattr(settings, "NGINX_STATIC_DIR", None)
        if not target:
            self.stderr.write("NGINX_STATIC_DIR is not set; nothing was copied.")
            return
        root: str | Path | None = settings.STATIC_ROOT
        source, into = Path(root or "").resolve(), Path(target).resolve()
        if root is None or not source.is_dir():
            message = f"STATIC_ROOT is {str(root)!r}; run collectstatic first."
            raise CommandError(message)
        if source in (into, *into.parents) or into in source.parents:
            message = f"{into} and STATIC_ROOT ({source}) overlap; name another folder."
            raise CommandError(message)
        try:
            done = copy_tree(source, into, delete=delete)
        except OSError as error:
            message = f"{error.filename or into}: {error.strerror or error}"
            raise CommandError(message) from error
        if options["verbosity"] > 0:
            removed = f", {done.removed} removed" if delete else ""
            self.stdout.write(
                f"{done.copied} files copied to {into}, {done.same} unchanged{removed}."
            )
