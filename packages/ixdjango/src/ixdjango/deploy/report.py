"""The report of a deploy: a summary for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ixdjango.deploy.execution import Outcome
from ixdjango.deploy.output import Tail
from ixdjango.deploy.run import Deploy, describe
from ixdjango.deploy.steps import Step

__all__ = ["SCHEMA", "as_json", "summary"]

#: The JSON Schema of what `--json` prints.
SCHEMA = Path(__file__).with_name("report.schema.json")
WIDEST = 60


def summary(
    steps: Sequence[Step], outcomes: Sequence[Outcome]
) -> list[tuple[str, str]]:
    """Return a line for each step, and its state; the last is the total."""
    width = min(max(len(step.name) for step in steps), WIDEST)
    lines = []
    for outcome in outcomes:
        note = f" ({outcome.note})" if outcome.note else ""
        name = _shortened(outcome.step.name, width)
        lines.append((f"  {name}  {outcome.duration_s:7.2f} s  ", outcome.state + note))
    lines += [
        (f"  {_shortened(step.name, width)}  {'':7}    ", "not run")
        for step in steps
        if not any(outcome.step is step for outcome in outcomes)
    ]
    total_s = sum(outcome.duration_s for outcome in outcomes)
    return [*lines, (f"  {'total':{width}}  {total_s:7.2f} s", "")]


def as_json(
    deploy: Deploy, tails: Mapping[int, Tail], *, exit_code: int, error: str | None
) -> str:
    """Return the report by `SCHEMA`; `tails` has the output of steps by their ids."""
    steps: list[dict[str, Any]] = [
        {
            "name": outcome.step.name,
            "state": outcome.state,
            "seconds": round(outcome.duration_s, 3),
            "note": outcome.note,
            "error": describe(outcome.error) or None,
            "output": str(tail),
            "output_bytes": tail.size_bytes,
        }
        for outcome in deploy.outcomes
        for tail in [tails.get(id(outcome.step), Tail())]
    ]
    report = {
        "role": deploy.role,
        "revision": deploy.revision,
        "exit_code": exit_code,
        "error": error,
        "steps": steps,
    }
    return json.dumps(report, indent=2)


def _shortened(name: str, width: int) -> str:
    return name.ljust(width) if len(name) <= width else name[: width - 1] + "…"
