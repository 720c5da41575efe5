"""Run deploy steps one after the other, in this process, each timed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command, get_commands
from django.utils.module_loading import import_string

from ixdjango.steps import Step, steps_from

__all__ = ["Outcome", "configured_steps", "find_problem", "run_step"]


@dataclass(frozen=True)
class Outcome:
    """How one step ended: `error` is None where it succeeded."""

    step: Step
    duration_s: float
    error: BaseException | None = None


def configured_steps() -> tuple[Step, ...]:
    """Return the steps of the settings.

    `IXDJANGO_DEPLOY_STEPS` is read first, then `IX_DEPLOY_CMDS`, the name that
    the original used; without either there are none.

    Raises:
        DeployConfigurationError: as `steps_from` does.
    """
    old = getattr(settings, "IX_DEPLOY_CMDS", ())
    return steps_from(getattr(settings, "IXDJANGO_DEPLOY_STEPS", old))


def find_problem(step: Step) -> str | None:
    """Return why a step cannot run, in one line, or None; runs nothing."""
    if step.stdin is not None and not Path(step.stdin).is_file():
        return f"deploy step '{step.name}': its stdin {step.stdin} is not a file."
    if not step.is_callable:
        if step.command in get_commands():
            return None
        return (
            f"deploy step '{step.name}': no management command is called"
            f" {step.command!r}; add its app to INSTALLED_APPS."
        )
    try:
        _callable_of(step)
    except (ImportError, TypeError) as error:
        return f"deploy step '{step.name}': {error}."
    return None


def run_step(step: Step, common_options: Mapping[str, object]) -> Outcome:
    """Run one step and return how it ended; only KeyboardInterrupt passes through.

    A management command gets `common_options` (such as `stdout` and `verbosity`)
    too, unless the step has its own.
    `SystemExit` counts by its code: commands such as `makemigrations --check`
    end with it.
    """
    started = time.perf_counter()
    error: BaseException | None = None
    try:
        with _standard_input(step.stdin):
            if step.is_callable:
                _callable_of(step)(*step.arguments, **step.options)
            else:
                options = {**common_options, **step.options}
                call_command(str(step.command), *step.arguments, **options)
    except SystemExit as caught:
        error = caught if caught.code else None
    except Exception as caught:  # noqa: BLE001 - a step may raise anything: reported
        error = caught
    return Outcome(step, time.perf_counter() - started, error)


def _callable_of(step: Step) -> Callable[..., object]:
    found = (
        import_string(step.command) if isinstance(step.command, str) else step.command
    )
    if not callable(found):
        message = f"{step.command!r} is not callable"
        raise TypeError(message)
    return found


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
