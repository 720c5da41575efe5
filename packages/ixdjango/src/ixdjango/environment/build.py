"""Build mode: settings without services, for `collectstatic` while an image is built.

What serves or deploys refuses them: a site with a dummy secret key must not answer.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import request_started

from ixdjango.exceptions import BuildModeError

__all__ = [
    "PROBLEM",
    "VARIABLE",
    "is_build_mode",
    "refuse_build_mode",
    "refuse_requests",
]

#: 1 while an image is built.
VARIABLE = "IXDJANGO_BUILD"
PROBLEM = (
    f"these settings are for building an image ({VARIABLE}=1); unset {VARIABLE} to serve"
    " or deploy the site."
)


def is_build_mode() -> bool:
    """Whether the settings are those of a build."""
    return bool(getattr(settings, "IXDJANGO_BUILD_MODE", False))


def refuse_build_mode() -> None:
    """Do nothing unless the settings are those of a build.

    Raises:
        BuildModeError: they are.
    """
    if is_build_mode():
        raise BuildModeError(PROBLEM)


def refuse_requests() -> None:
    """Have every request fail if the settings are those of a build."""
    if is_build_mode():
        # A WSGI server runs no system checks.
        request_started.connect(_refuse, dispatch_uid="ixdjango.build")


def _refuse(**_: Any) -> None:
    raise ImproperlyConfigured(PROBLEM)
