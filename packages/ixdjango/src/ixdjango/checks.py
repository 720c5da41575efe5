"""System checks of the settings.

| id | says |
|---|---|
| ixdjango.E001 | a step of the deploy cannot run |
| ixdjango.E002 | a trusted proxy is neither an address nor a network |
| ixdjango.E003 | IX_FIXTURES is no list of names |
| ixdjango.E004 | NGINX_STATIC_DIR and STATIC_ROOT overlap |
| ixdjango.E005 | the settings are for building an image |
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from ixdjango.deploy.plan import configured_steps, find_problem
from ixdjango.environment.build import PROBLEM, is_build_mode
from ixdjango.exceptions import DeployConfigurationError
from ixdjango.http import trusted_networks

__all__ = ["check_deploy_steps", "check_settings"]


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


@register()
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each of the other settings that cannot be used."""
    found: list[CheckMessage] = []
    try:
        trusted_networks(getattr(settings, "IXDJANGO_TRUSTED_PROXIES", ()))
    except (ImproperlyConfigured, TypeError) as error:
        hint = 'List addresses and networks: ["10.0.0.0/8"].'
        found.append(Error(str(error), hint=hint, id="ixdjango.E002"))
    fixtures = getattr(settings, "IX_FIXTURES", None) or ()
    names = [fixtures] if isinstance(fixtures, str) else fixtures
    if not isinstance(names, (list, tuple)) or not all(
        isinstance(n, str) for n in names
    ):
        message = f"IX_FIXTURES is {fixtures!r}."
        found.append(Error(message, hint="List names of fixtures.", id="ixdjango.E003"))
    if is_build_mode():
        hint = "Such settings are for collectstatic while an image is built."
        found.append(Error(PROBLEM, hint=hint, id="ixdjango.E005"))
    if problem := _overlap():
        hint = "The web server's folder is another one than Django's."
        found.append(Error(problem, hint=hint, id="ixdjango.E004"))
    return found


def _overlap() -> str | None:
    target = getattr(settings, "NGINX_STATIC_DIR", None)
    root: str | Path | None = settings.STATIC_ROOT
    if not target or not root:
        return None
    into, source = Path(target).resolve(), Path(root).resolve()
    if source in (into, *into.parents) or into in source.parents:
        return f"NGINX_STATIC_DIR ({into}) and STATIC_ROOT ({source}) overlap."
    return None
