from __future__ import annotations

import json
import math
from datetime import date

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.figure import Figure

import redmine_analytics as ra
from redmine_analytics.charts.draw import KINDS
from tests.histories import card, history, sprint

mpl.use("Agg")


def results():
    cards = [
        card(
            n,
            (f"{n} 09:00", "In Progress"),
            (f"{n + 1} 10:00", "Closed"),
            version=1 + n // 9,
            points=n,
        )
        for n in range(1, 18)
    ]
    cards.append(card(40, ("20", "In Progress"), version=2, points=2))
    frames = history(*cards, versions=[sprint(1, 10, "Cost $1 & $2"), sprint(2, 20)])
    past = ra.daily_throughput(frames)
    return [
        ra.velocity(frames),
        ra.estimates(frames),
        ra.spillover(frames),
        ra.burndown(frames, "Sprint 2"),
        ra.burnup(frames, "Sprint 2"),
        ra.cycle_times(frames),
        ra.cumulative_flow(frames),
        ra.ageing(frames),
        ra.net_flow(frames),
        ra.flow_efficiency(frames),
        ra.how_many(past, 10, seed=1, trials=200),
        ra.when(past, 10, start=date(2026, 7, 31), seed=1, trials=200),
    ]


RESULTS = {result.title: result for result in results()}


def test_every_kind_of_chart_is_among_these():
    assert {result.kind for result in RESULTS.values()} == {*KINDS}


@pytest.mark.parametrize("title", RESULTS)
def test_a_chart_has_a_title_labels_a_legend_and_a_text(title):
    result = RESULTS[title]
    ax = result.plot(Figure().subplots())

    assert ax.get_title() == title
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    assert ax.get_legend().get_texts()
    assert result.alt_text.endswith(".")
    assert result.alt_text in result.svg().decode()


@pytest.mark.parametrize("title", RESULTS)
def test_a_result_survives_json_and_draws_the_same_picture(title):
    result = RESULTS[title]

    copy = ra.Result.from_dict(
        json.loads(json.dumps(result.to_dict(), allow_nan=False))
    )

    assert copy.svg() == result.svg()
    assert list(copy.table) == list(result.table)
    assert copy.facts.keys() == result.facts.keys()


def test_a_missing_fact_survives_json():
    result = ra.estimates(history())

    assert all(map(math.isnan, ra.Result.from_dict(result.to_dict()).facts.values()))


def test_plot_without_axes_makes_a_figure_that_notebooks_show():
    from matplotlib import pyplot

    ax = RESULTS["Velocity"].plot()

    assert pyplot.gcf() is ax.figure
    pyplot.close(ax.figure)


def test_a_result_is_shown_as_a_table_without_markup_of_its_texts():
    frames = history(card(1, ("1", "In Progress"), subject="<script>x</script>"))

    shown = ra.ageing(frames)._repr_html_()

    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert "Ageing work" in repr(ra.ageing(frames))


def test_long_names_leave_room_for_the_chart():
    names = [f"{n} the very long name of a version that somebody typed" for n in "ab"]
    table = pd.DataFrame({"points": [1.0, 2.0], "average": [1.0, 1.5]}, index=names)
    axes = ra.Result("velocity", "Velocity", "Bars.", table, {"window": 5}).plot()

    axes.figure.draw_without_rendering()

    assert axes.get_position().height > 0.5
    assert {len(label.get_text()) for label in axes.get_xticklabels()} == {24}


def test_a_figure_is_never_a_power_of_ten():
    result = ra.Result(
        "velocity", "Velocity", "", pd.DataFrame(), {"seed": 20260, "x": 0.1234}
    )

    assert "seed: 20260" in repr(result)
    assert "x: 0.123" in repr(result)
