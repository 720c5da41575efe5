"""End a tox run with a table: the rows that ran, those skipped, and why."""

from __future__ import annotations

import atexit
import logging
import re
import sys
from typing import Any

from tox.plugin import impl
from tox.session.state import State
from tox.tox_env.api import ToxEnv

_ran: dict[str, str] = {}
_reasons: list[str] = []


class _Reasons(logging.Handler):
    """Keep why tox skipped a row: it says so in the log only."""

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith("skipped because "):
            _reasons.append(text.removeprefix("skipped because "))


@impl
def tox_add_core_config(core_conf: Any, state: State) -> None:
    """Print the table when the process ends: tox has no later hook."""
    logging.getLogger().addHandler(_Reasons())
    if state.conf.options.command in {"run", "r", "run-parallel", "p"}:
        atexit.register(_report, state)


@impl
def tox_after_run_commands(tox_env: ToxEnv, exit_code: int, outcomes: Any) -> None:
    """Note that a row ran."""
    _ran[tox_env.conf.name] = "failed" if exit_code else "passed"


def _report(state: State) -> None:
    rows = list(state.envs.iter(only_active=True, package=False))
    lines = [f"\n{'row':36} result"]
    lines += [f"{row:36} {_ran.get(row) or _why_not(row)}" for row in rows]
    lines.append(f"{len(rows)} rows: {len(_ran)} ran, {len(rows) - len(_ran)} did not.")
    sys.stdout.write("\n".join([*lines, ""]))


def _why_not(row: str) -> str:
    python = re.match(r"py3(\d+)", row)
    for reason in _reasons:
        if python and reason.endswith(f"3.{python[1]}"):
            return f"skipped: {reason}"
    return "did not run: see its messages above"
