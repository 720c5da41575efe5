"""System checks of the deploy settings."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from ixdjango.deploy.plan import configured_steps, find_problem
from ixdjango.exceptions import DeployConfigurationError

__all__ = ["check_deploy_steps"]


@register()
def check_deploy_steps(**kwargs: Any) -> list[CheckMessage]:  # Any: Django's protocol
    """Return ixdjango.E001 for each deploy step that cannot run."""
    try:
        steps = configured_steps()
    except DeployConfigurationError as error:
        return [_error(error)]
    return [_error(problem) for step in steps if (problem := find_problem(step))]


def _error(problem: object) -> Error:
    return Error(
        str(problem),
        hint="Mend IXDJANGO_DEPLOY_STEPS (or IX_DEPLOY_CMDS) in the settings.",
        id="ixdjango.E001",
    )
