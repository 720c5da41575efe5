from __future__ import annotations

import tracemalloc
from datetime import date

import numpy as np
import pytest

from redmine_analytics import WorkCalendar, backtest, daily_throughput, how_many, when
from redmine_analytics.exceptions import ForecastError
from redmine_analytics.forecast import _days_until, _totals, is_within
from tests.histories import card, history

WORK_DAYS = WorkCalendar("1111100")
STEADY = [2] * 20


def test_a_steady_team_is_forecast_exactly():
    assert how_many(STEADY, 10, seed=1).table["value"].tolist() == [20] * 4
    found = when(STEADY, 20, start=date(2026, 7, 31), seed=1, calendar=WORK_DAYS)

    assert found.table["days"].tolist() == [10] * 4
    assert {f"{day:%d %b}" for day in found.table["value"]} == {"14 Aug"}


def test_the_same_seed_gives_the_same_forecast():
    past = np.random.default_rng(5).poisson(1.5, 60)
    first, again, other = (
        how_many(past, 20, seed=seed, trials=500) for seed in (3, 3, 4)
    )

    assert first.table.equals(again.table)
    assert first.alt_text == again.alt_text
    assert _totals(past, 20, 500, np.random.default_rng(3)).sum() != (
        _totals(past, 20, 500, np.random.default_rng(4)).sum()
    )
    assert other.facts["seed"] == 4


def test_more_certainty_means_fewer_issues_and_a_later_day():
    past = np.random.default_rng(5).poisson(1.5, 60)

    counts = how_many(past, 20, seed=3).table["value"]
    days = when(past, 30, start=date(2026, 7, 31), seed=3).table["days"]

    assert counts.is_monotonic_decreasing
    assert days.is_monotonic_increasing


@pytest.mark.parametrize("rate", [0.4, 3.0])
def test_the_interval_of_85_percent_covers_80_to_90_percent_of_500_known_futures(rate):
    generator = np.random.default_rng(2026)
    covered = 0
    for _ in range(500):
        past, future = generator.poisson(rate, 60), generator.poisson(rate, 20)
        totals = _totals(past, 20, 1000, generator)
        covered += is_within(totals, int(future.sum()), 0.85)

    assert 0.80 <= covered / 500 <= 0.90


def test_the_day_of_85_percent_is_late_enough_for_80_to_90_percent_of_500_known_futures():
    generator = np.random.default_rng(2026)
    held = 0
    for _ in range(500):
        past, future = generator.poisson(1.5, 60), generator.poisson(1.5, 200)
        promised = np.ceil(np.quantile(_days_until(past, 30, 400, generator), 0.85))
        held += int(np.argmax(future.cumsum() >= 30)) + 1 <= promised

    assert 0.80 <= held / 500 <= 0.90


def test_a_back_test_says_how_often_forecasts_of_the_past_held():
    past = np.random.default_rng(7).poisson(2.0, 400)

    found = backtest(past, days=20, history=60, seed=1)

    assert found.trials == 400 - 60 - 20 + 1
    assert found.effective == 16
    assert 0.7 <= found.coverage <= 1.0
    assert str(found).startswith(
        f"Calibration: the 85% interval held in {found.coverage:.0%}"
    )


def test_a_team_whose_pace_changed_fails_its_back_test():
    past = [1, 0, 1, 1, 0] * 20 + [5, 6, 5, 7, 6] * 20

    assert backtest(past[60:140], days=20, history=40, seed=1).coverage < 0.6


@pytest.mark.parametrize("past", [[], [1] * 9, [0] * 40])
def test_too_little_history_is_refused(past):
    with pytest.raises(ForecastError, match="A forecast needs 10 working days"):
        how_many(past, 10, seed=1)
    with pytest.raises(ForecastError, match="A forecast needs 10 working days"):
        when(past, 10, start=date(2026, 7, 31), seed=1)


def test_a_back_test_needs_one_forecast_at_least():
    with pytest.raises(ForecastError, match="needs 70 working days, there are 20"):
        backtest(STEADY, days=10, history=60, seed=1)


def test_what_is_finished_at_the_week_end_counts_on_monday():
    cards = [
        card(n, (day, "Closed")) for n, day in enumerate(["3", "4", "5", "6", "31"], 1)
    ]

    past = daily_throughput(history(*cards), calendar=WORK_DAYS)

    assert past.loc["2026-07-03":"2026-07-07"].tolist() == [1, 3, 0]
    assert past.index[-1] == np.datetime64("2026-07-30")  # today is not over
    assert len(daily_throughput(history(*cards), calendar=WORK_DAYS, days=5)) == 5
    assert daily_throughput(history()).empty


def test_a_large_backlog_at_a_slow_pace_is_drawn_in_little_memory():
    slow = [0] * 54 + [1] * 6
    tracemalloc.start()
    try:
        found = when(slow, 150, start=date(2026, 7, 31), seed=1, trials=2000)
        with pytest.raises(ForecastError, match="more than 5000 working days"):
            when(slow, 5000, start=date(2026, 7, 31), seed=1, trials=2000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    # 10 days for each issue, as far as 60 days can tell.
    assert 1_300 < found.table["days"].loc[0.5] < 1_700
    assert peak < 30e6
