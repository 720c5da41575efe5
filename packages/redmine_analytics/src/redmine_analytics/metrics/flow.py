"""Flow metrics: cycle times, cumulative flow, ageing work, throughput, efficiency."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from redmine_analytics.charts import Result
from redmine_analytics.frames import Frames
from redmine_analytics.metrics.calendars import EVERY_DAY, WorkCalendar
from redmine_analytics.metrics.workflow import Workflow, stage_intervals, work_items

__all__ = [
    "ageing",
    "cumulative_flow",
    "cycle_times",
    "flow_efficiency",
    "net_flow",
    "throughput",
]

PERCENTILES = (50, 85, 95)


def cycle_times(
    frames: Frames,
    *,
    workflow: Workflow | None = None,
    calendar: WorkCalendar = EVERY_DAY,
    percentiles: Sequence[float] = PERCENTILES,
    sle_days: float | None = None,
    lead: bool = False,
) -> Result:
    """Return the days from the start to the end of each finished issue.

    Args:
        frames: of a project.
        workflow: its states and its policy for moves back.
        calendar: the days that count.
        percentiles: to compute; that of 85 is the usual service level expectation.
        sle_days: a promise in days; the fact `share within SLE` says how often it held.
        lead: measure from the creation of the issue instead of the start of work.

    Returns:
        By issue: `finished`, `days`, `subject`; facts `p50`, `p85`, `p95`.
    """
    items = work_items(frames, workflow or Workflow.of(frames), calendar)
    items = items[items["finished"].notna()].sort_values("finished", kind="stable")
    days = items["lead_days" if lead else "cycle_days"]
    subjects = frames.issues.set_index("id")["subject"]
    table = pd.DataFrame(
        {
            "finished": calendar.local(items["finished"]),
            "days": days,
            "subject": subjects.reindex(items.index).astype(object),
        }
    )
    table.index.name = "issue"
    facts = percentile_facts(days, percentiles)
    if sle_days is not None:
        facts["share within SLE"] = (
            float((days <= sle_days).mean()) if len(days) else np.nan
        )
    name = "Lead time" if lead else "Cycle time"
    text = f"{name} of {len(days)} finished issues as dots over time" + (
        "; "
        + ", ".join(
            f"{k[1:]} % took up to {v:.1f} days"
            for k, v in facts.items()
            if k[0] == "p"
        )
        if len(days)
        else ""
    )
    return Result("cycle_times", f"{name}s", f"{text}.", table, facts)


def percentile_facts(days: pd.Series, percentiles: Sequence[float]) -> dict[str, float]:
    """Return `p85` and so on: NaN without any value."""
    values = days.dropna().to_numpy(dtype="float64")
    return {
        f"p{p:g}": float(np.percentile(values, p)) if len(values) else float("nan")
        for p in percentiles
    }


def cumulative_flow(
    frames: Frames,
    *,
    workflow: Workflow | None = None,
    calendar: WorkCalendar = EVERY_DAY,
) -> Result:
    """Return how many issues were in each state at the end of each day.

    An issue is counted where it was: reopening it makes the band of done work thinner.
    """
    workflow = workflow or Workflow.of(frames)
    found = stage_intervals(frames, workflow).dropna(subset=["stage"])
    columns = list(workflow.order)
    if found.empty:
        table = pd.DataFrame(columns=columns, index=pd.DatetimeIndex([], name="day"))
        return Result(
            "cumulative_flow", "Cumulative flow", "No issue yet.", table.astype("int64")
        )
    first = calendar.local(found["start"]).min().date()
    last = calendar.local(pd.Series([frames.until])).iloc[0].date()
    ends = calendar.day_ends(first, last)
    # The present day is not over: it ends when the data were read.
    moments = np.minimum(
        ends.tz_convert("UTC").as_unit("ns").asi8, frames.until.as_unit("ns").value
    )
    begin = np.searchsorted(moments, _nanoseconds(found["start"]), side="left")
    end = np.searchsorted(moments, _nanoseconds(found["end"]), side="left")
    # The last interval of an issue has no end yet.
    is_last = ~found.duplicated("issue_id", keep="last") & (
        found["end"] >= frames.until
    )
    end = np.where(is_last, len(moments), end)
    counts = np.zeros((len(moments) + 1, len(columns)), dtype="int64")
    stage = found["stage"].to_numpy(dtype="int64")
    np.add.at(counts, (begin, stage), 1)
    np.add.at(counts, (end, stage), -1)
    days = pd.date_range(first, last, freq="D", name="day")
    table = pd.DataFrame(np.cumsum(counts, axis=0)[:-1], index=days, columns=columns)
    present = ", ".join(f"{n} {name}" for name, n in table.iloc[-1].items())
    text = f"Cumulative flow of {len(days)} days as bands; on the last day {present}."
    return Result("cumulative_flow", "Cumulative flow", text, table)


def _nanoseconds(times: pd.Series) -> np.ndarray:
    return np.asarray(pd.DatetimeIndex(times).as_unit("ns").asi8)


def ageing(
    frames: Frames,
    *,
    workflow: Workflow | None = None,
    calendar: WorkCalendar = EVERY_DAY,
    percentiles: Sequence[float] = (50, 85),
) -> Result:
    """Return the age of the work that is started and not done, the oldest first.

    The facts are percentiles of past cycle times: older work is later than it.
    """
    workflow = workflow or Workflow.of(frames)
    items = work_items(frames, workflow, calendar)
    begun = items["started"].notna() & ~items["is_done"] & items["stage"].notna()
    if workflow.policy == "restart":
        begun &= items["stage"] >= workflow.order.index(workflow.start)
    wip = items[begun]
    now = pd.Series(frames.until, index=wip.index)
    issues = frames.issues.set_index("id")
    table = pd.DataFrame(
        {
            "status": wip["status"].astype(object),
            "age_days": calendar.days(wip["started"], now),
            "subject": issues["subject"].reindex(wip.index).astype(object),
            "assignee": issues["assignee"].reindex(wip.index).astype(object),
        }
    )
    table.index.name = "issue"
    facts = percentile_facts(items["cycle_days"], percentiles)
    table = table.sort_values("age_days", ascending=False, kind="stable")
    text = f"Ages of {len(table)} issues in progress by status"
    if len(table):
        text += f"; the oldest is {table['age_days'].iloc[0]:.1f} days old"
    return Result("ageing", "Ageing work", f"{text}.", table, facts)


def throughput(
    frames: Frames,
    *,
    workflow: Workflow | None = None,
    calendar: WorkCalendar = EVERY_DAY,
) -> Result:
    """Return the number of issues finished in each week, from Monday."""
    table = _weekly(frames, workflow, calendar)[["finished"]]
    return Result("throughput", "Throughput", _weekly_text(table), table)


def net_flow(
    frames: Frames,
    *,
    workflow: Workflow | None = None,
    calendar: WorkCalendar = EVERY_DAY,
) -> Result:
    """Return the issues started and finished in each week, and their difference.

    `net_flow` is the finished less the started ones: below 0, work piles up.
    """
    table = _weekly(frames, workflow, calendar)
    table["net_flow"] = table["finished"] - table["started"]
    text = _weekly_text(table)
    return Result(
        "throughput",
        "Net flow",
        text,
        table,
        {"in progress": float(-table["net_flow"].sum())},
    )


def _weekly_text(table: pd.DataFrame) -> str:
    if table.empty:
        return "No issue was finished yet."
    finished = table["finished"]
    return (
        f"Issues finished in each of {len(table)} weeks: {finished.sum()} in all, from"
        f" {finished.min()} to {finished.max()} in a week."
    )


def _weekly(
    frames: Frames, workflow: Workflow | None, calendar: WorkCalendar
) -> pd.DataFrame:
    items = work_items(frames, workflow or Workflow.of(frames), calendar)
    items = items[items["stage"].notna()]
    weeks = {}
    for name in ("finished", "started"):
        days = calendar.local(items[name].dropna()).dt.normalize()
        weeks[name] = days - pd.to_timedelta(days.dt.day_of_week, unit="D")
    every = pd.concat(list(weeks.values()))
    now = calendar.local(pd.Series([frames.until])).iloc[0].normalize()
    index = pd.DatetimeIndex([], name="week")
    if len(every):
        index = pd.date_range(every.min(), now, freq="W-MON", name="week")
    table = pd.DataFrame(index=index)
    for name, mondays in weeks.items():
        counts = mondays.value_counts()
        table[name] = counts.reindex(index).fillna(0).astype("int64")
    return table


def flow_efficiency(
    frames: Frames,
    *,
    workflow: Workflow | None = None,
    calendar: WorkCalendar = EVERY_DAY,
) -> Result:
    """Return the share of each finished issue's cycle time in which it was worked on.

    The rest is the time in the workflow's `waiting` statuses, and before `start` if it
    went back. Without `waiting` everything between `start` and `done` is work.
    """
    workflow = workflow or Workflow.of(frames)
    items = work_items(frames, workflow, calendar)
    found = stage_intervals(frames, workflow)
    begin = workflow.order.index(workflow.start)
    idle = [
        float(workflow.order.index(name))
        for name in (*workflow.waiting, *workflow.done)
    ]
    stage = found["stage"]
    started = items["started"].reindex(found["issue_id"]).to_numpy()
    started = pd.Series(pd.to_datetime(started, utc=True), index=found.index)
    is_active = (stage >= begin) & ~stage.isin(idle) & (found["start"] >= started)
    days = calendar.days(found["start"], found["end"]).where(is_active, 0.0)
    active = days.groupby(found["issue_id"]).sum().reindex(items.index)
    total = calendar.days(items["started"], items["finished"])
    table = pd.DataFrame({"active_days": active, "total_days": total})
    table = table[items["finished"].notna() & (total > 0)]
    table["efficiency"] = table["active_days"] / table["total_days"]
    table.index.name = "issue"
    whole = table["total_days"].sum()
    share = float(table["active_days"].sum() / whole) if whole else float("nan")
    text = f"Flow efficiency of {len(table)} finished issues: {share:.0%} of their cycle time was active."
    return Result(
        "efficiency", "Flow efficiency", text, table, {"flow efficiency": share}
    )
