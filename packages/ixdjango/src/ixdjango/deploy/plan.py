"""The steps of the settings: chosen by the options, and looked at before any runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import get_commands
from django.utils.module_loading import import_string

from ixdjango.deploy.steps import Step, steps_from
from ixdjango.exceptions import DeployConfigurationError

__all__ = [
    "callable_of",
    "chosen_steps",
    "condition_of",
    "configured_steps",
    "find_problem",
    "named_step",
]


def configured_steps() -> tuple[Step, ...]:
    """Return the steps of the settings.

    `IXDJANGO_DEPLOY_STEPS` is read first, then `IX_DEPLOY_CMDS`, the name that
    the original used; without either there are none.

    Raises:
        DeployConfigurationError: as `steps_from` does.
    """
    old = getattr(settings, "IX_DEPLOY_CMDS", ())
    return steps_from(getattr(settings, "IXDJANGO_DEPLOY_STEPS", old))


def chosen_steps(
    steps: Sequence[Step], only: Sequence[str], phase: str | None
) -> tuple[Step, ...]:
    """Return the steps that `--only` names and that belong to `--phase`.

    Raises:
        DeployConfigurationError: `only` names no step, or the rest is empty.
    """
    named = [named_step(steps, name) for name in only]
    chosen = [step for step in steps if not only or step in named]
    if phase:
        chosen = [step for step in chosen if (step.phase or "before") == phase]
    if not chosen:
        message = "there is nothing to deploy; list steps in IXDJANGO_DEPLOY_STEPS."
        if steps:
            message = f"no step belongs to phase {phase!r}; there is nothing to deploy."
        raise DeployConfigurationError(message)
    return tuple(chosen)


def named_step(steps: Sequence[Step], name: str) -> Step:
    """Return the step that is called `name`, or whose command is.

    Raises:
        DeployConfigurationError: there is none, or there are several.
    """
    found = [step for step in steps if step.name == name]
    found = found or [step for step in steps if step.name.partition(" ")[0] == name]
    if len(found) != 1:
        names = ", ".join(repr(step.name) for step in (found or steps))
        problem = "there are several steps" if found else "there is no step"
        message = f"{problem} {name!r}: name one of {names}."
        raise DeployConfigurationError(message)
    return found[0]


def find_problem(step: Step) -> str | None:
    """Return why a step cannot run, in one line, or None; runs nothing."""
    problem = _problem_of_command(step) or _problem_of_options(step)
    return problem and f"deploy step '{step.name}': {problem}"


def _problem_of_command(step: Step) -> str | None:
    if step.stdin is not None and not Path(step.stdin).is_file():
        return f"its stdin {step.stdin} is not a file."
    if step.is_program:
        program = str(next(iter(step.command), ""))  # type: ignore[arg-type]
        if shutil.which(program):
            return None
        return f"there is no program {program!r}; install it or correct the path."
    if not step.is_callable:
        if step.command in get_commands():
            return None
        return (
            f"no management command is called {step.command!r}; {_cure(step.command)}"
        )
    try:
        callable_of(step)
    except (ImportError, TypeError) as error:
        return f"{error}."
    return None


def _cure(command: Any) -> str:
    first, *words = str(command).split()
    if words and first in get_commands():
        return f"write Step({first!r}, {tuple(words)!r})."
    return "add its app to INSTALLED_APPS."


def _problem_of_options(step: Step) -> str | None:
    if step.scope not in ("deployment", "container"):
        return f"scope is {step.scope!r}; write 'deployment' or 'container'."
    if step.phase not in (None, "before", "after"):
        return f"phase is {step.phase!r}; write 'before' or 'after'."
    if step.once and step.is_local:
        return "once counts for all containers; leave out scope='container'."
    try:
        condition_of(step)
    except (ImportError, TypeError) as error:
        return f"condition: {error}."
    return None


def callable_of(step: Step) -> Callable[..., object]:
    """Return the callable of a step.

    Raises:
        ImportError: its dotted path leads nowhere.
        TypeError: it leads to something that is not callable.
    """
    return _found(step.command)


def condition_of(step: Step) -> Callable[..., object] | None:
    """Return the condition of a step, None if it has none; raises as `callable_of`."""
    return None if step.condition is None else _found(step.condition)


def _found(named: object) -> Callable[..., object]:
    found = import_string(named) if isinstance(named, str) else named
    if not callable(found):
        message = f"{named!r} is not callable"
        raise TypeError(message)
    return found  # type: ignore[no-any-return]
