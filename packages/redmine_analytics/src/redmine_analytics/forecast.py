"""Monte Carlo forecasts from past throughput, with a back-test of their calibration.

Each trial draws days out of the past twice: first a history of the same length, then the
future out of that one. The second draw alone would take the past for exactly typical,
and its intervals come out too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from redmine_analytics.charts import Result
from redmine_analytics.exceptions import ForecastError
from redmine_analytics.frames import Frames
from redmine_analytics.metrics.calendars import EVERY_DAY, WorkCalendar
from redmine_analytics.metrics.workflow import Workflow, work_items

__all__ = ["BackTest", "backtest", "daily_throughput", "how_many", "when"]

FEWEST_DAYS = 10
CERTAINTIES = (0.5, 0.7, 0.85, 0.95)
FARTHEST_DAYS = 5_000
BLOCK_DAYS = 100  # drawn at once: memory does not grow with the issues
_Throughput: TypeAlias = Sequence[int] | np.ndarray[Any, Any] | pd.Series


def daily_throughput(
    frames: Frames,
    *,
    workflow: Workflow | None = None,
    calendar: WorkCalendar = EVERY_DAY,
    days: int | None = None,
) -> pd.Series:
    """Return the issues finished on each working day, by day, up to yesterday.

    Work that is finished on another day counts on the next working day.

    Args:
        frames: of a project.
        workflow: with its `done` statuses.
        calendar: the working days.
        days: only so many of the last working days.
    """
    items = work_items(frames, workflow or Workflow.of(frames), calendar)
    finished = calendar.local(items["finished"].dropna()).dt.normalize()
    if finished.empty:
        return pd.Series([], index=pd.DatetimeIndex([], name="day"), dtype="int64")
    now = calendar.local(pd.Series([frames.until])).iloc[0].normalize()
    every = pd.date_range(finished.min(), now, freq="D", inclusive="left", name="day")
    working = every[calendar.is_working(every)]
    place = np.searchsorted(working, finished.to_numpy(), side="left")
    counts = np.bincount(place, minlength=len(working) + 1)[: len(working)]
    found = pd.Series(counts, index=working, dtype="int64")
    return found if days is None else found.iloc[-days:]


def how_many(
    past: _Throughput,
    days: int,
    *,
    seed: int,
    trials: int = 10_000,
    certainties: Sequence[float] = CERTAINTIES,
) -> Result:
    """Forecast how many issues will be finished within some working days.

    Args:
        past: the issues finished on each past working day; see `daily_throughput`.
        days: working days of the future.
        seed: the same seed gives the same forecast.
        trials: how many futures are drawn.
        certainties: how sure the answer has to be.

    Returns:
        By certainty the number (`value`) that will be reached with it.

    Raises:
        ForecastError: fewer than 10 days, or none in which anything was finished.
    """
    totals = _totals(_checked(past), days, trials, np.random.default_rng(seed))
    values = [int(np.floor(np.quantile(totals, 1 - c))) for c in certainties]
    table = pd.DataFrame(
        {"value": values}, index=pd.Index(certainties, name="certainty")
    )
    text = f"Issues within {days} working days: " + ", ".join(
        f"at least {v} with {c:.0%} certainty"
        for c, v in zip(certainties, values, strict=True)
    )
    return Result(
        "forecast",
        f"How many in {days} working days",
        f"{text}.",
        table,
        {"trials": trials, "seed": seed},
    )


def when(
    past: _Throughput,
    issues: int,
    *,
    start: date,
    seed: int,
    calendar: WorkCalendar = EVERY_DAY,
    trials: int = 10_000,
    certainties: Sequence[float] = CERTAINTIES,
) -> Result:
    """Forecast on which day a number of issues will be finished.

    Args:
        past: the issues finished on each past working day; see `daily_throughput`.
        issues: how many are left.
        start: the last day that is over; work goes on the working day after it.
        seed: the same seed gives the same forecast.
        calendar: the working days.
        trials: how many futures are drawn.
        certainties: how sure the answer has to be.

    Returns:
        By certainty the day (`value`) until which they are finished, and `days`.

    Raises:
        ForecastError: fewer than 10 days, or none in which anything was finished; more
            than 5,000 days are needed.
    """
    days = _days_until(_checked(past), issues, trials, np.random.default_rng(seed))
    needed = [int(np.ceil(np.quantile(days, c))) for c in certainties]
    if max(needed) > FARTHEST_DAYS:
        message = (
            f"{issues} issues may take more than {FARTHEST_DAYS} working days at the past"
            " pace; forecast fewer issues, or `how_many`."
        )
        raise ForecastError(message)
    table = pd.DataFrame(
        {
            "value": pd.to_datetime([calendar.add_days(start, n) for n in needed]),
            "days": needed,
        },
        index=pd.Index(certainties, name="certainty"),
    )
    left = "1 issue is" if issues == 1 else f"{issues} issues are"
    text = f"{left} finished " + ", ".join(
        f"by {day:%d %B %Y} with {c:.0%} certainty" for c, day in table["value"].items()
    )
    return Result(
        "forecast",
        "When is 1 issue finished"
        if issues == 1
        else f"When are {issues} issues finished",
        f"{text}.",
        table,
        {"trials": trials, "seed": seed},
    )


@dataclass(frozen=True)
class BackTest:
    """How often forecasts of the past would have held.

    Args:
        level: of the intervals, such as 0.85.
        trials: how many forecasts were tried.
        covered: in how many of them the truth was within the interval.
        effective: a rough number of forecasts that do not share their days.
    """

    level: float
    trials: int
    covered: int
    effective: int

    @property
    def coverage(self) -> float:
        """The share of the trials in which the truth was within the interval."""
        return self.covered / self.trials

    def __str__(self) -> str:
        return (
            f"Calibration: the {self.level:.0%} interval held in {self.coverage:.0%} of"
            f" {self.trials} forecasts of the past (about {self.effective} of them"
            " independent)."
        )


def backtest(
    past: _Throughput,
    *,
    days: int,
    history: int,
    seed: int,
    level: float = 0.85,
    trials: int = 500,
) -> BackTest:
    """Forecast past periods from the days before them, and count how often it held.

    At each day for which `history` days before and `days` days after are known, the issues
    of the coming days are forecast as an interval, and compared with the truth.

    Args:
        past: the issues finished on each past working day.
        days: working days of each forecast.
        history: working days that each forecast may use.
        seed: the same seed gives the same result.
        level: of the intervals.
        trials: how many futures each forecast draws.

    Raises:
        ForecastError: the past is too short for a single forecast.
    """
    values = np.asarray(past, dtype="int64")
    cuts = range(history, len(values) - days + 1)
    if not cuts:
        message = (
            f"A back-test needs {history + days} working days, there are {len(values)};"
            " give a shorter history."
        )
        raise ForecastError(message)
    generator = np.random.default_rng(seed)
    covered = 0
    for cut in cuts:
        totals = _totals(values[cut - history : cut], days, trials, generator)
        covered += is_within(totals, int(values[cut : cut + days].sum()), level)
    return BackTest(level, len(cuts), covered, max(len(cuts) // days, 1))


def is_within(totals: np.ndarray, truth: int, level: float) -> bool:
    """Return whether a number is within the central interval of trials."""
    low, high = np.quantile(totals, [(1 - level) / 2, (1 + level) / 2])
    return bool(np.floor(low) <= truth <= np.ceil(high))


def _checked(past: _Throughput) -> np.ndarray:
    values = np.asarray(past, dtype="int64")
    if len(values) < FEWEST_DAYS or not values.any():
        message = (
            f"A forecast needs {FEWEST_DAYS} working days of the past in which something"
            f" was finished; there are {len(values)} with {values.sum()} issues."
        )
        raise ForecastError(message)
    return values


def _totals(
    values: np.ndarray, days: int, trials: int, generator: np.random.Generator
) -> np.ndarray:
    """Return the sum of the coming days for each trial."""
    typical = _histories(values, trials, generator)
    picks = generator.integers(len(values), size=(trials, days))
    return np.asarray(np.take_along_axis(typical, picks, axis=1).sum(axis=1))


def _days_until(
    values: np.ndarray, issues: int, trials: int, generator: np.random.Generator
) -> np.ndarray:
    """Return for each trial the number of days until the issues are finished."""
    typical = _histories(values, trials, generator)
    # A drawn history without any finished issue would never end.
    typical[typical.sum(axis=1) == 0] = values
    left = np.full(trials, issues)
    found = np.zeros(trials, dtype="int64")
    block = min(max(int(issues / values.mean()) // 2, 20), BLOCK_DAYS)
    while (left > 0).any() and found[left > 0].max() < FARTHEST_DAYS:
        open_trials = np.flatnonzero(left > 0)
        picks = generator.integers(len(values), size=(len(open_trials), block))
        done = np.take_along_axis(typical[open_trials], picks, axis=1).cumsum(axis=1)
        is_over = done >= left[open_trials, None]
        first = np.where(is_over.any(axis=1), is_over.argmax(axis=1) + 1, block)
        found[open_trials] += first
        left[open_trials] -= done[np.arange(len(open_trials)), first - 1]
    return np.where(left > 0, FARTHEST_DAYS + 1, found)


def _histories(
    values: np.ndarray, trials: int, generator: np.random.Generator
) -> np.ndarray:
    return values[generator.integers(len(values), size=(trials, len(values)))]
