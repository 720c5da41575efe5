"""What a starter does about the last run: a pure function."""

from __future__ import annotations

from enum import Enum

from ixdjango.deploy.agreement.records import Run

__all__ = ["Decision", "decide"]


class Decision(Enum):
    """What to do, once the lock is ours."""

    LEAD = "lead"
    CONTINUE = "continue"
    FOLLOW = "follow"
    FAIL = "fail"


def decide(
    last: Run | None, revision: str | None, *, resume: bool, force: bool
) -> Decision:
    """Return what the holder of the lock does about the last run of its phase.

    A run that its leader did not end, because it died or a signal ended it, is
    continued; one that failed is not, but for --resume: a recorded failure ends those who
    waited for it. A revision that is complete is not run again. Without a known revision
    a run counts for those who were waiting when it ended.
    """
    if last is None or force:
        return Decision.LEAD
    is_same = last.revision == revision
    if last.state in ("running", "interrupted"):
        return Decision.CONTINUE if is_same else Decision.LEAD
    if last.state == "failed":
        if last.ended_meanwhile and is_same:
            return Decision.FAIL
        return Decision.CONTINUE if resume and is_same else Decision.LEAD
    is_complete = is_same and (revision is not None or last.ended_meanwhile)
    return Decision.FOLLOW if is_complete else Decision.LEAD
