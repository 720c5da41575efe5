"""Run one step, in this process, timed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from ixdjango.deploy.plan import callable_of
from ixdjango.deploy.steps import Step
from ixdjango.exceptions import DeployError

__all__ = ["Outcome", "run_step"]

LOCK_NOT_AVAILABLE = "55P03"
FIRST_PAUSE_S = 0.5
END_PATIENCE_S = 5


@dataclass(frozen=True)
class Outcome:
    """How one step ended.

    `state` is `done`, `failed` or `skipped`; `error` is None unless it failed, and
    `note` says why it was skipped.
    """

    step: Step
    state: str
    duration_s: float = 0.0
    error: BaseException | None = None
    note: str = ""


def run_step(step: Step, common_options: Mapping[str, object]) -> Outcome:
    """Run one step and return how it ended; interrupts pass through.

    A management command gets `common_options` (such as `stdout` and `verbosity`)
    too, unless the step has its own.
    `SystemExit` counts by its code: commands such as `makemigrations --check`
    end with it.

    Raises:
        DeployError: a signal or the loss of the lock ended the step.
    """
    started = time.perf_counter()
    error: BaseException | None = None
    try:
        with _standard_input(step.stdin):
            _call(step, common_options)
    except SystemExit as caught:
        error = caught if caught.code else None
    except DeployError:
        raise
    except Exception as caught:  # noqa: BLE001 - a step may raise anything: reported
        error = caught
    duration_s = time.perf_counter() - started
    return Outcome(step, "failed" if error else "done", duration_s, error)


def _call(step: Step, common_options: Mapping[str, object]) -> None:
    if step.is_program:
        _run_program(step)
    elif step.is_callable:
        callable_of(step)(*step.arguments, **step.options)
    else:
        options = {**common_options, **step.options}
        if step.command == "migrate":
            _migrate(step, options)
        else:
            call_command(str(step.command), *step.arguments, **options)


def _run_program(step: Step) -> None:
    words = [*map(str, step.command), *map(str, step.arguments)]  # type: ignore[arg-type]
    # A group of its own, so that it is ended with all that it started.
    program = subprocess.Popen(words, start_new_session=True)  # noqa: S603 - the user's own
    try:
        code = program.wait()
    except BaseException:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(program.pid, number)
            with suppress(subprocess.TimeoutExpired):
                program.wait(END_PATIENCE_S)
                break
        raise
    if code:
        raise subprocess.CalledProcessError(code, words)


def _migrate(step: Step, options: Mapping[str, Any]) -> None:
    """Migrate; try again if a lock was not to be had, unless that left half a change."""
    for attempt in range(step.retries):
        if _try_to_migrate(step, options):
            return
        pause_s = FIRST_PAUSE_S * 2**attempt
        sys.stderr.write(
            f"no lock within {step.lock_timeout_s} s; next try in {pause_s:g} s\n"
        )
        time.sleep(pause_s)
    call_command("migrate", *step.arguments, **options)


def _try_to_migrate(step: Step, options: Mapping[str, Any]) -> bool:
    try:
        call_command("migrate", *step.arguments, **options)
    except OperationalError as error:
        if not _is_lock_timeout(error):
            raise
        _refuse_if_half_done(str(options.get("database") or DEFAULT_DB_ALIAS), error)
        return False
    return True


def _is_lock_timeout(error: OperationalError) -> bool:
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    return state == LOCK_NOT_AVAILABLE


def _refuse_if_half_done(alias: str, error: OperationalError) -> None:
    from django.db.migrations.executor import MigrationExecutor

    connection = connections[alias]
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan or plan[0][0].atomic:
        return
    migration = plan[0][0]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
        )
        invalid = [name for (name,) in cursor.fetchall()]
    operations = ", ".join(each.describe() for each in migration.operations)
    left = (
        f"; it left the invalid index {', '.join(invalid)}: drop it" if invalid else ""
    )
    message = (
        f"{migration} is not atomic, so it is not tried again after a lock timeout"
        f" ({operations}){left}, see what it did, and deploy again."
    )
    raise CommandError(message) from error


@contextmanager
def _standard_input(path: Path | str | None) -> Iterator[None]:
    if path is None:
        yield
        return
    before = sys.stdin
    with Path(path).open(encoding="utf-8") as sys.stdin:
        try:
            yield
        finally:
            sys.stdin = before
