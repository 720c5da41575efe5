"""The options of a report: the source, the field with the points, the workflow."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redmine_analytics.exceptions import SourceError
from redmine_analytics.frames import Frames
from redmine_analytics.metrics import WorkCalendar, Workflow
from redmine_analytics.metrics.workflow import Policy
from redmine_analytics.source import RedmineSource

__all__ = ["ReportOptions"]

_LEAST = {"concurrency": 1, "window": 1, "horizon": 1, "seed": 0}


@dataclass(frozen=True)
class ReportOptions:
    """The options of a report; the command line and Django's setting give the same.

    Args:
        url: the address of Redmine.
        project: an identifier; None for every project.
        query: the number of a saved query.
        key: the API key; by default the environment variable `REDMINE_API_KEY`.
        cache: the file of the cache.
        ca_file: the authorities to trust.
        concurrency: how many requests may run at the same time.
        points: the field with the points; None to count issues.
        exclude: versions that are not sprints.
        order: the statuses in order.
        start: the status in which work begins.
        done: the statuses in which it is done.
        discarded: statuses of work that will not be done.
        waiting: statuses in which nobody works.
        policy: for moves back: `first`, `restart` or `pause`.
        weekmask: working days from Monday to Sunday, as seven times 0 or 1.
        holidays: days such as `2026-12-25`.
        time_zone: in which a day begins.
        window: of the moving average, in sprints.
        horizon: of the forecast, in working days.
        seed: of the forecast.
    """

    url: str
    project: str | None = None
    query: int | None = None
    key: str | None = dataclasses.field(default=None, repr=False)
    cache: str | None = None
    ca_file: str | None = None
    concurrency: int = 8
    points: str | None = "Story Points"
    exclude: Sequence[str] = ("Backlog",)
    order: Sequence[str] | None = None
    start: str | None = None
    done: Sequence[str] | None = None
    discarded: Sequence[str] = ()
    waiting: Sequence[str] = ()
    policy: Policy = "first"
    weekmask: str = "1111100"
    holidays: Sequence[str] = ()
    time_zone: str = "UTC"
    window: int = 5
    horizon: int = 20
    seed: int = 1

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if not isinstance(value, int) or value < least:
                message = f"{name} {value!r}: give a whole number from {least}."
                raise SourceError(message)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> ReportOptions:
        """Return the options in a mapping whose names may be upper case.

        Raises:
            SourceError: an unknown name, no address, or a number out of range.
        """
        names = [field.name for field in dataclasses.fields(cls)]
        given = {name.lower(): value for name, value in values.items()}
        for name in given:
            if name not in names:
                message = f"{name!r} is not an option; there are {', '.join(names)}."
                raise SourceError(message)
        if not given.get("url"):
            message = "'url' is missing; give the address of Redmine."
            raise SourceError(message)
        return cls(**given)

    def source(self) -> RedmineSource:
        """Return the door to the Redmine."""
        return RedmineSource(
            self.url,
            key=self.key,
            project=self.project,
            query=self.query,
            cache=None if self.cache is None else Path(self.cache),
            ca_file=self.ca_file,
            concurrency=self.concurrency,
        )

    def workflow(self, frames: Frames) -> Workflow:
        """Return the workflow of the server, with the parts that are given."""
        return Workflow.of(
            frames,
            order=self.order,
            start=self.start,
            done=self.done,
            discarded=self.discarded,
            waiting=self.waiting,
            policy=self.policy,
        )

    def calendar(self) -> WorkCalendar:
        """Return the working calendar.

        Raises:
            SourceError: a week, day or time zone that does not exist.
        """
        try:
            return WorkCalendar(self.weekmask, tuple(self.holidays), self.time_zone)
        except (ValueError, KeyError, LookupError) as error:
            message = f"The working calendar is wrong: {error}."
            raise SourceError(message) from None
