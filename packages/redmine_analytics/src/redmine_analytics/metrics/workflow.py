"""The order of statuses, and the policy for moves that skip states or go back.

| policy | the clock of an issue that goes back before `start` |
|---|---|
| `first` | runs on: the cycle time begins when work was first started |
| `restart` | starts anew: the cycle time begins when work was last started |
| `pause` | stops until work goes on: only the time from `start` on is counted |

An issue that skips `start` is started when it enters any later state. One that is done is
finished when it last became done: reopening takes the end away. A status that is not in the
order, such as a deleted one, counts as the state that the issue was in before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from redmine_analytics.exceptions import FieldError
from redmine_analytics.frames import Frames, intervals
from redmine_analytics.metrics.calendars import EVERY_DAY, WorkCalendar

__all__ = ["Policy", "Workflow", "stage_intervals", "work_items"]

Policy = Literal["first", "restart", "pause"]


@dataclass(frozen=True)
class Workflow:
    """The states of work.

    Args:
        order: the statuses from the first to the last.
        start: the status in which work begins.
        done: the statuses in which it is finished.
        discarded: statuses of work that will not be done, such as `Rejected`: it counts
            in no metric from then on.
        waiting: statuses between `start` and `done` in which nobody works.
        policy: for moves back before `start`.
    """

    order: Sequence[str]
    start: str
    done: Sequence[str]
    discarded: Sequence[str] = ()
    waiting: Sequence[str] = ()
    policy: Policy = "first"

    def __post_init__(self) -> None:
        for status in (self.start, *self.done, *self.waiting):
            if status not in self.order:
                message = f"{status!r} is not in the order: {', '.join(self.order)}."
                raise FieldError(message)

    @classmethod
    def of(
        cls,
        frames: Frames,
        *,
        order: Sequence[str] | None = None,
        start: str | None = None,
        done: Sequence[str] | None = None,
        discarded: Sequence[str] = (),
        waiting: Sequence[str] = (),
        policy: Policy = "first",
    ) -> Workflow:
        """Return the workflow of a server, with some parts given.

        By default the order is the administrator's, closed statuses come last and are
        done, and work begins in the second open status.

        Raises:
            FieldError: a status does not exist, or none is left.
        """
        statuses = frames.statuses
        closed = statuses["is_closed"]
        names = [*statuses.loc[~closed, "name"], *statuses.loc[closed, "name"]]
        for given in (*(order or ()), *discarded):
            if given not in names:
                message = (
                    f"status {given!r} does not exist; there are {', '.join(names)}."
                )
                raise FieldError(message)
        order = [n for n in dict.fromkeys(order or names) if n not in discarded]
        if not order:
            message = (
                "the order of the statuses is empty; leave one that is not discarded."
            )
            raise FieldError(message)
        finished = [n for n in statuses.loc[closed, "name"] if n in order]
        done = finished if done is None else done
        begin = [n for n in order if n not in done]
        start = start or (begin[1] if len(begin) > 1 else order[0])
        return cls(
            tuple(order), start, tuple(done), tuple(discarded), tuple(waiting), policy
        )


def stage_intervals(frames: Frames, workflow: Workflow) -> pd.DataFrame:
    """Return the intervals of statuses with `stage`, a number in the workflow's order.

    Discarded work has no stage; a status that is not in the order has the one before.
    """
    found = intervals(frames.transitions, frames.until)
    stages = {name: float(i) for i, name in enumerate(workflow.order)}
    number = found["status"].astype(object).map(stages)
    is_discarded = found["status"].isin(list(workflow.discarded))
    number = number.mask(is_discarded, -1.0)
    number = number.groupby(found["issue_id"]).ffill().fillna(0.0)
    return found.assign(stage=number.mask(number < 0))


def work_items(
    frames: Frames, workflow: Workflow, calendar: WorkCalendar = EVERY_DAY
) -> pd.DataFrame:
    """Return when the work on each issue was started and finished.

    Returns:
        By the id of the issue: `created`, `started`, `finished`, `lead_days`,
        `cycle_days`, `status`, `stage` (missing for discarded work), `is_done`.
    """
    found = stage_intervals(frames, workflow)
    start = workflow.order.index(workflow.start)
    done = {workflow.order.index(name) for name in workflow.done}
    stage = found["stage"]
    found["is_done"] = stage.isin(list(done))
    found["is_begun"] = (stage >= start) | found["is_done"]
    issue = found.groupby("issue_id")
    before = issue[["is_done", "is_begun"]].shift(1, fill_value=False)
    found["begins"] = found["is_begun"] & ~before["is_begun"]
    found["finishes"] = found["is_done"] & ~before["is_done"]

    items = pd.DataFrame({"created": issue["start"].first()})
    begins = found[found["begins"]].groupby("issue_id")["start"]
    started = begins.last() if workflow.policy == "restart" else begins.first()
    last = found.drop_duplicates("issue_id", keep="last").set_index("issue_id")
    items["started"] = started
    finished = found[found["finishes"]].groupby("issue_id")["start"].last()
    items["finished"] = finished.where(last["is_done"].reindex(finished.index))
    items["lead_days"] = calendar.days(items["created"], items["finished"])
    items["cycle_days"] = calendar.days(items["started"], items["finished"])
    if workflow.policy == "pause":
        active = found[found["is_begun"] & ~found["is_done"]]
        days = calendar.days(active["start"], active["end"])
        worked = days.groupby(active["issue_id"]).sum().reindex(items.index).fillna(0.0)
        items["cycle_days"] = worked.where(items["finished"].notna(), np.nan)
    items["status"] = last["status"]
    items["stage"] = last["stage"]
    items["is_done"] = last["is_done"]
    return items
