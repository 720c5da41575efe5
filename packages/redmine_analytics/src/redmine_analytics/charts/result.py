"""The result of a metric: a table, facts, and a chart with a text alternative."""

from __future__ import annotations

import html
import io
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Result", "figure_text"]

SIZE_INCHES = (9, 4.5)


@dataclass(frozen=True, repr=False)
class Result:
    """The result of a metric.

    Args:
        kind: of chart, a name in `charts.draw`.
        title: of the chart.
        alt_text: the content of the chart, in a sentence or two.
        table: the figures.
        facts: single figures, such as a percentile or a correlation.
    """

    kind: str
    title: str
    alt_text: str
    table: pd.DataFrame
    facts: dict[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        facts = "".join(f"\n{name}: {figure_text(v)}" for name, v in self.facts.items())
        return f"{self.title}\n{self.table}{facts}"

    def _repr_html_(self) -> str:
        facts = "".join(
            f"<li>{html.escape(name)}: {figure_text(value)}</li>"
            for name, value in self.facts.items()
        )
        title = html.escape(self.title)
        table = self.table.to_html(max_rows=60, escape=True)
        return f"<p><strong>{title}</strong></p>{table}<ul>{facts}</ul>"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the chart and return its axes.

        Args:
            ax: where to draw; by default a new figure of pyplot, which notebooks show.
        """
        from redmine_analytics.charts import draw

        if ax is None:
            from matplotlib import pyplot

            _, ax = pyplot.subplots(figsize=SIZE_INCHES, layout="constrained")
        draw.KINDS[self.kind](ax, self.table, self.facts)
        # A version's name may hold a $, which would begin a formula.
        ax.set_title(self.title.replace("$", r"\$"))
        return ax

    def svg(self) -> bytes:
        """Return the chart as an SVG picture: the same bytes for the same figures."""
        import matplotlib as mpl
        from matplotlib.figure import Figure

        figure = Figure(figsize=SIZE_INCHES, layout="constrained")
        self.plot(figure.subplots())
        stream = io.BytesIO()
        with mpl.rc_context({"svg.hashsalt": self.kind}):
            metadata = {"Title": self.title, "Description": self.alt_text, "Date": None}
            figure.savefig(stream, format="svg", metadata=metadata)
        return stream.getvalue()

    def to_dict(self) -> dict[str, Any]:
        """Return the result as values of JSON."""
        table = self.table.reset_index()
        times = [c for c in table if pd.api.types.is_datetime64_any_dtype(table[c])]
        for column in times:
            table[column] = table[column].map(
                lambda time: None if pd.isna(time) else time.isoformat()
            )
        rows = table.astype(object).where(table.notna(), None)
        return {
            "kind": self.kind,
            "title": self.title,
            "alt_text": self.alt_text,
            "facts": {k: None if math.isnan(v) else v for k, v in self.facts.items()},
            "columns": [str(column) for column in table],
            "times": [str(column) for column in times],
            "rows": [[_plain(value) for value in row] for row in rows.to_numpy()],
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Result:
        """Return the result that `to_dict` turned into values."""
        table = pd.DataFrame(values["rows"], columns=values["columns"])
        for column in values["times"]:
            table[column] = pd.to_datetime(table[column], format="ISO8601")
        for column in table.columns.difference(values["times"]):
            if table[column].isna().all():
                table[column] = table[column].astype("float64")
        facts = {
            name: math.nan if value is None else float(value)
            for name, value in values["facts"].items()
        }
        index = values["columns"][0]
        return cls(
            values["kind"],
            values["title"],
            values["alt_text"],
            table.set_index(index),
            facts,
        )


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def figure_text(value: float) -> str:
    """Return a figure with three digits, and a large or whole one in full.

    >>> figure_text(2.6249), figure_text(10_000), figure_text(2026.0)
    ('2.62', '10000', '2026')
    """
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
