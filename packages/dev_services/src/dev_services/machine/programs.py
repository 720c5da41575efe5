"""Call a program of the machine and tell briefly why it failed."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from dev_services.exceptions import ServiceError
from dev_services.machine.masking import mask

__all__ = ["Identity", "call"]


class Identity(TypedDict, total=False):
    """Arguments of `subprocess.run` that drop root's rights."""

    user: int
    group: int
    extra_groups: list[int]


def call(
    arguments: Sequence[str | Path],
    *,
    identity: Identity | None = None,
    environ: Mapping[str, str] | None = None,
    stdin: str = "",
    timeout_s: float | None = None,
) -> str:
    """Run a program to its end and return what it wrote.

    Args:
        arguments: the program and its arguments; no secret, all can read them.
        identity: whom to run it as; None means the present user.
        environ: its environment; None means ours.
        stdin: what it reads.
        timeout_s: when to kill it, in seconds; None means never.

    Raises:
        ServiceError: it cannot be run, or it failed; with its own last line.
    """
    name = Path(arguments[0]).name
    try:
        ended = subprocess.run(  # noqa: S603  # no shell, and the programs are known
            arguments,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",  # The account may not enter the present folder.
            env=environ,
            check=False,
            timeout=timeout_s,
            # Another account's program must not have our terminal: TIOCSTI types into it.
            start_new_session=bool(identity),
            **(identity or {}),
        )
    except OSError as error:
        message = f"{arguments[0]} cannot be run: {error.strerror}"
        raise ServiceError(message) from error
    except subprocess.TimeoutExpired as error:
        message = f"{name} has not ended after {timeout_s} s; is the machine busy?"
        raise ServiceError(message) from error
    if ended.returncode:
        message = f"{name} failed: {mask(_reason(ended.stdout))}"
        raise ServiceError(message)
    return ended.stdout


def _reason(said: str) -> str:
    # Maven and javac begin with the error, initdb and others end with it.
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said)  # Maven colours without a terminal.
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    errors = [
        line for line in lines if re.search(r"\b(error|fatal)\b", line, re.IGNORECASE)
    ]
    return (errors or lines[-1:] or ["it gives no reason"])[0]
