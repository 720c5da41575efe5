"""The Django app: its commands and checks."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["IxdjangoConfig"]


class IxdjangoConfig(AppConfig):
    """Registers the system checks."""

    name = "ixdjango"
    verbose_name = "ixdjango"

    def ready(self) -> None:
        """Register the checks."""
        from ixdjango import checks  # noqa: F401 - importing registers
        from ixdjango.environment.build import refuse_requests

        refuse_requests()
