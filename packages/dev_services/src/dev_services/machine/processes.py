"""Find and end processes that are not our children."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

__all__ = ["end", "find", "started_on"]

POLL_S = 0.01


def find(pid: int) -> list[psutil.Process]:
    """Return the process `pid`, if there is one."""
    try:
        return [psutil.Process(pid)]
    except psutil.NoSuchProcess:
        return []


def started_on(directory: Path) -> list[psutil.Process]:
    """Return the processes with a path below `directory` in their arguments."""
    prefix = f"{directory}/"
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(prefix in argument for argument in process.info["cmdline"] or ())
    ]


def end(processes: Sequence[psutil.Process], signal: int, patience_s: float) -> bool:
    """Send `signal` to all and wait for them to end; return whether they did."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal)
    gives_up_at = time.monotonic() + patience_s
    while any(map(_is_alive, processes)):
        if time.monotonic() > gives_up_at:
            return False
        time.sleep(POLL_S)
    return True


def _is_alive(process: psutil.Process) -> bool:
    # A zombie has ended. psutil's own wait lasts until init has reaped it.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
