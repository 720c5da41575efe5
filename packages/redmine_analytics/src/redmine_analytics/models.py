"""Snapshots of reports, so that a page shows charts without asking Redmine.

Short, since a snapshot only keeps a report; the rest is in `report`. That is imported in
functions: it needs pandas, for which the start of a site would wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models

if TYPE_CHECKING:
    from redmine_analytics.charts import Result
    from redmine_analytics.frames import Frames
    from redmine_analytics.report.options import ReportOptions

__all__ = ["Snapshot"]


class SnapshotManager(models.Manager["Snapshot"]):
    """Takes snapshots and finds the newest one."""

    def take(self, frames: Frames, options: ReportOptions) -> tuple[Snapshot, bool]:
        """Keep the report of frames; return it, and whether it is a new one.

        Data that were read once, such as in an offline run, are one snapshot.
        """
        from redmine_analytics.report.sections import build_report
        from redmine_analytics.report.write import file_name

        report = build_report(frames, options)
        return self.update_or_create(
            project=options.project or "",
            taken_at=frames.read_at,
            defaults={
                "url": options.url,
                "issue_count": len(frames.issues),
                # PostgreSQL does not keep the order of keys.
                "results": {
                    file_name(result.title): {"place": place, **result.to_dict()}
                    for place, result in enumerate(report.results)
                },
                "notes": report.notes,
            },
        )

    def newest(self, project: str | None = None) -> Snapshot | None:
        """Return the newest snapshot, of a project or of any."""
        found = self.all() if project is None else self.filter(project=project)
        return found.order_by("-taken_at", "-pk").first()


class Snapshot(models.Model):
    """The report of a project at one time."""

    project = models.CharField(max_length=255, blank=True)
    url = models.URLField(max_length=500)
    taken_at = models.DateTimeField(help_text="when the data were read from Redmine")
    issue_count = models.PositiveIntegerField()
    results = models.JSONField(help_text="by name, as of Result.to_dict")
    notes = models.JSONField(default=list)

    objects: ClassVar[SnapshotManager] = SnapshotManager()

    class Meta:
        ordering = ("-taken_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["project", "taken_at"], name="redmine_analytics_snapshot_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.project or 'every project'} on {self.taken_at:%Y-%m-%d %H:%M}"

    def result(self, name: str) -> Result:
        """Return a result by its name, such as `velocity`; its `svg()` is the chart.

        Raises:
            KeyError: the snapshot has no such result.
        """
        from redmine_analytics.charts import Result

        return Result.from_dict(self.results[name])

    def charts(self) -> list[dict[str, str]]:
        """Return the name, title and alt text of each chart, in the report's order."""
        ordered = sorted(self.results.items(), key=lambda item: item[1].get("place", 0))
        return [
            {"name": name, "title": values["title"], "alt_text": values["alt_text"]}
            for name, values in ordered
        ]
