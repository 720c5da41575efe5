"""The metrics of a report in their order; one that the data do not allow is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from redmine_analytics import forecast, metrics
from redmine_analytics.charts import Result
from redmine_analytics.exceptions import FieldError, ForecastError
from redmine_analytics.frames import Frames
from redmine_analytics.metrics.history import sprint_bounds
from redmine_analytics.report.options import ReportOptions

__all__ = ["Report", "build_report"]

HISTORY_DAYS = 60  # working days that the forecast draws from


@dataclass(frozen=True)
class Report:
    """The results of a report.

    Args:
        results: in the order in which they are shown.
        notes: the metrics that were left out and why, and the calibration of the forecast.
    """

    results: list[Result]
    notes: list[str]


def build_report(frames: Frames, options: ReportOptions) -> Report:
    """Return every metric that the frames allow.

    Raises:
        FieldError: the field with the points, or a status, does not exist.
    """
    if options.points and len(frames.issues):
        frames.numbers(options.points)  # a wrong name is told once, not left out
    results, notes = [], []
    for name, make in _sections(frames, options):
        made = _made(make)
        if isinstance(made, Result):
            results.append(made)
        else:
            notes.append(f"{name} is left out: {made}")
    if note := _calibration(frames, options):
        notes.append(note)
    return Report(results, notes)


def _made(make: Callable[[], Result]) -> Result | str:
    try:
        return make()
    except (FieldError, ForecastError) as error:
        return str(error)


def _sections(
    frames: Frames, options: ReportOptions
) -> Iterable[tuple[str, Callable[[], Result]]]:
    flow: dict[str, Any] = {
        "workflow": options.workflow(frames),
        "calendar": options.calendar(),
    }
    exclude = tuple(options.exclude)
    sprints: dict[str, Any] = {
        "workflow": flow["workflow"],
        "points": options.points,
        "exclude": exclude,
    }
    yield (
        "Velocity",
        partial(metrics.velocity, frames, window=options.window, **sprints),
    )
    yield "Estimates", partial(metrics.estimates, frames, **sprints)
    yield "Spill-over", partial(metrics.spillover, frames, exclude=exclude, **flow)
    if version := _present_sprint(frames, options):
        points: dict[str, Any] = {"points": options.points, **flow}
        yield "Burndown", partial(metrics.burndown, frames, version, **points)
        yield "Burnup", partial(metrics.burnup, frames, version, **points)
    for metric in (
        metrics.cycle_times,
        metrics.cumulative_flow,
        metrics.ageing,
        metrics.throughput,
        metrics.net_flow,
        metrics.flow_efficiency,
    ):
        yield (
            metric.__name__.replace("_", " ").capitalize(),
            partial(metric, frames, **flow),
        )
    yield "Forecast of issues", partial(_how_many, frames, options)
    yield "Forecast of the day", partial(_when, frames, options)


def _present_sprint(frames: Frames, options: ReportOptions) -> str | None:
    """Return the sprint that is going on, or else the last one."""
    bounds = sprint_bounds(frames, options.calendar(), tuple(options.exclude))
    today = frames.until.tz_convert(options.time_zone).date()
    begun = bounds[[day <= today for day in bounds["first_day"]]]
    return None if begun.empty else str(begun["name"].iloc[-1])


def _how_many(frames: Frames, options: ReportOptions) -> Result:
    past = _past(frames, options)
    return forecast.how_many(past[-HISTORY_DAYS:], options.horizon, seed=options.seed)


def _when(frames: Frames, options: ReportOptions) -> Result:
    items = metrics.workflow.work_items(frames, options.workflow(frames))
    left = int((~items["is_done"] & items["stage"].notna()).sum())
    if not left:
        message = "nothing is left to be done."
        raise ForecastError(message)
    yesterday = frames.until.tz_convert(options.time_zone).date().toordinal() - 1
    return forecast.when(
        _past(frames, options)[-HISTORY_DAYS:],
        left,
        start=date.fromordinal(yesterday),
        seed=options.seed,
        calendar=options.calendar(),
    )


def _past(frames: Frames, options: ReportOptions) -> list[int]:
    past = forecast.daily_throughput(
        frames, workflow=options.workflow(frames), calendar=options.calendar()
    )
    return [int(count) for count in past]


def _calibration(frames: Frames, options: ReportOptions) -> str | None:
    past = _past(frames, options)
    history = min(HISTORY_DAYS, len(past) - 2 * options.horizon)
    if history < forecast.FEWEST_DAYS:
        return (
            "Calibration: there is too little history for a back-test of the forecast."
        )
    found = forecast.backtest(
        past, days=options.horizon, history=history, seed=options.seed
    )
    return str(found)
