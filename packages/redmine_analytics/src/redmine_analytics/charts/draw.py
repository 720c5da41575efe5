"""How each kind of chart is drawn: functions of axes, a table and facts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

__all__ = ["KINDS"]

Facts = dict[str, float]

BAR = "steelblue"
LINE = "firebrick"
SECOND = "darkorange"
QUIET = "0.55"
# For bands, from the last state at the bottom to the first one on top.
BANDS = "viridis"
LONGEST_NAME = 24


def _label(ax: Axes, x: str, y: str) -> None:
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.grid(axis="y", alpha=0.3)
    ax.set_axisbelow(True)
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        # Room above the figures, so that the legend hides none.
        low, high = ax.get_ylim()
        ax.set_ylim(low, high + 0.18 * (high - low))
        ax.legend(handles, labels, loc="upper left", ncols=4)


def _categories(ax: Axes, names: Any) -> Any:
    """Put a name below each position and return the positions."""
    positions = np.arange(len(names))
    # A name may hold a $, which would begin a formula.
    labels = [_short(str(name)).replace("$", r"\$") for name in names]
    turned = sum(map(len, labels)) > 70
    ax.set_xticks(
        positions,
        labels,
        rotation=45 if turned else 0,
        ha="right" if turned else "center",
    )
    return positions


def _short(name: str) -> str:
    """Return a name that leaves room for the chart; the table has it in full."""
    return (
        name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
    )


def _velocity(ax: Axes, table: pd.DataFrame, facts: Facts) -> None:
    x = _categories(ax, table.index)
    ax.bar(x, table["points"], color=BAR, label="Velocity")
    window = int(facts.get("window", 0))
    label = f"Average velocity (window={window})"
    ax.plot(x, table["average"], ".-", color=LINE, label=label)
    _label(ax, "Sprint", "Points done")


def _estimates(ax: Axes, table: pd.DataFrame, facts: Facts) -> None:
    x = _categories(ax, table.index)
    width = 0.4
    hours = table["estimated_hours"]
    ax.bar(x - width / 2, hours, width, color=BAR, label="Estimated hours")
    ax.bar(
        x + width / 2, table["spent_hours"], width, color=SECOND, label="Spent hours"
    )
    ax.plot(x, table["points"], "s--", color=LINE, label="Points")
    _label(ax, "Sprint", "Hours, and points")


def _spillover(ax: Axes, table: pd.DataFrame, facts: Facts) -> None:
    x = _categories(ax, table.index)
    bottom = np.zeros(len(table))
    for name, colour in (
        ("completed", BAR),
        ("carried_over", LINE),
        ("removed", QUIET),
    ):
        values = table[name].to_numpy(dtype="float64")
        label = name.replace("_", " ").capitalize()
        ax.bar(x, values, bottom=bottom, color=colour, label=label)
        bottom += values
    ax.plot(x, table["committed"], "k_", markersize=18, label="Committed at the start")
    _label(ax, "Sprint", "Issues")


def _burndown(ax: Axes, table: pd.DataFrame, facts: Facts) -> None:
    ax.step(table.index, table["scope"], where="post", color=QUIET, label="Scope")
    ax.plot(table.index, table["ideal"], ":", color=QUIET, label="Ideal")
    ax.step(
        table.index, table["remaining"], where="post", color=LINE, label="Remaining"
    )
    ax.set_ylim(bottom=0)
    ax.tick_params("x", rotation=30)
    _label(ax, "Day", "Points")


def _burnup(ax: Axes, table: pd.DataFrame, facts: Facts) -> None:
    ax.step(table.index, table["scope"], where="post", color=QUIET, label="Scope")
    ax.step(table.index, table["done"], where="post", color=BAR, label="Done")
    ax.set_ylim(bottom=0)
    ax.tick_params("x", rotation=30)
    _label(ax, "Day", "Points")


def _cycle_times(ax: Axes, table: pd.DataFrame, facts: Facts) -> None:
    ax.plot(table["finished"], table["days"], "o", color=BAR, alpha=0.6, label="Issue")
    for name, days in facts.items():
        if name.startswith("p"):
            ax.axhline(days, color=LINE, linestyle="--", linewidth=1)
            text = f"{name[1:]} %: {days:.1f} days"
            ax.annotate(
                text,
                (1, days),
                xycoords=("axes fraction", "data"),
                ha="right",
                va="bottom",
            )
    ax.set_ylim(bottom=0)
    ax.tick_params("x", rotation=30)
    _label(ax, "Finished", "Days")


def _cumulative(ax: Axes, table: pd.DataFrame, facts: Facts) -> None:
    stages = list(reversed(table.columns))  # done at the bottom
    import matplotlib as mpl

    colours = mpl.colormaps[BANDS](np.linspace(0.15, 0.95, max(len(stages), 1)))
    values = [table[stage].to_numpy(dtype="float64") for stage in stages]
    if len(table):
        labels = [str(stage).replace("$", r"\$") for stage in stages]
        ax.stackplot(
            table.index.to_numpy(), values, labels=labels, colors=colours, step="post"
        )
    ax.tick_params("x", rotation=30)
    _label(ax, "Day", "Issues")
    handles, labels = ax.get_legend_handles_labels()
    if handles:
        ax.legend(handles[::-1], labels[::-1], loc="upper left")


def _ageing(ax: Axes, table: pd.DataFrame, facts: Facts) -> None:
    stages = list(dict.fromkeys(table["status"]))
    x = _categories(ax, stages)
    positions = table["status"].map(dict(zip(stages, x, strict=True)))
    ax.plot(positions, table["age_days"], "o", color=BAR, alpha=0.7, label="Issue")
    for name, days in facts.items():
        if name.startswith("p"):
            ax.axhline(
                days,
                color=LINE,
                linestyle="--",
                linewidth=1,
                label=f"{name[1:]} % of past cycle times",
            )
    ax.set_ylim(bottom=0)
    _label(ax, "Status", "Age in days")


def _throughput(ax: Axes, table: pd.DataFrame, facts: Facts) -> None:
    x = _categories(ax, [f"{week:%d %b}" for week in table.index])
    ax.bar(x, table["finished"], color=BAR, label="Finished")
    if "started" in table:
        ax.plot(x, table["started"], ".-", color=SECOND, label="Started")
        ax.plot(x, table["net_flow"], "k--", linewidth=1, label="Net flow")
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    _label(ax, "Week from", "Issues")


def _efficiency(ax: Axes, table: pd.DataFrame, facts: Facts) -> None:
    percent = table["efficiency"].dropna() * 100
    ax.hist(percent, bins=range(0, 101, 10), color=BAR, label="Issues")
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    _label(ax, "Active share of the cycle time, %", "Issues")


def _forecast(ax: Axes, table: pd.DataFrame, facts: Facts) -> None:
    x = _categories(
        ax,
        [
            f"{value:%d %b %Y}" if hasattr(value, "strftime") else value
            for value in table["value"]
        ],
    )
    ax.bar(x, table.index.to_numpy() * 100, color=BAR, label="At least this likely")
    ax.set_ylim(0, 100)
    ax.set_yticks(range(0, 101, 20))
    _label(ax, "Result", "Certainty, %")


KINDS: dict[str, Callable[[Axes, pd.DataFrame, Facts], None]] = {
    "ageing": _ageing,
    "burndown": _burndown,
    "burnup": _burnup,
    "cumulative_flow": _cumulative,
    "cycle_times": _cycle_times,
    "efficiency": _efficiency,
    "estimates": _estimates,
    "forecast": _forecast,
    "spillover": _spillover,
    "throughput": _throughput,
    "velocity": _velocity,
}
