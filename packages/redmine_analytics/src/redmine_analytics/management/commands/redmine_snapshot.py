"""`manage.py redmine_snapshot`: read Redmine and keep its metrics; for cron."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from redmine_analytics.checks import configured_options
from redmine_analytics.exceptions import RedmineAnalyticsError
from redmine_analytics.models import Snapshot

__all__ = ["Command"]


class Command(BaseCommand):
    """Reads the changes, computes the report and keeps it as a snapshot."""

    help = "Read the Redmine of the setting REDMINE_ANALYTICS and keep its metrics."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument(
            "--offline",
            action="store_true",
            help="make no request, use the cache",
        )
        parser.add_argument(
            "--full", action="store_true", help="read every issue again"
        )
        parser.add_argument(
            "--keep",
            type=int,
            metavar="N",
            help="delete all but the newest N snapshots of the project",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, compute and keep."""
        keep = options["keep"]
        if keep is not None and keep < 1:
            message = f"--keep {keep}: give 1 or more."
            raise CommandError(message)
        if not getattr(settings, "REDMINE_ANALYTICS", None):
            message = (
                "The setting REDMINE_ANALYTICS is missing; give it a URL and a PROJECT."
            )
            raise CommandError(message)
        try:
            chosen = configured_options()
            frames = chosen.source().frames(
                offline=options["offline"], full=options["full"]
            )
            snapshot, is_new = Snapshot.objects.take(frames, chosen)
        except (RedmineAnalyticsError, OSError, TypeError) as error:
            raise CommandError(str(error)) from None
        if keep is not None:
            self._delete_old(snapshot, keep)
        if options["verbosity"] > 0:
            state = "taken" if is_new else "was there already"
            self.stdout.write(
                f"{snapshot}: {state}: {len(snapshot.results)} charts of"
                f" {snapshot.issue_count} issues"
            )
            for note in snapshot.notes:
                self.stderr.write(note)

    def _delete_old(self, snapshot: Snapshot, keep: int) -> None:
        same = Snapshot.objects.filter(project=snapshot.project)
        kept = same.order_by("-taken_at", "-pk").values_list("pk", flat=True)[:keep]
        same.exclude(pk__in=list(kept)).delete()
