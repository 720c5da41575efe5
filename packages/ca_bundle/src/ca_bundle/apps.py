"""The Django app: system checks of CA_BUNDLES, and the command below manage.py."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register

from ca_bundle.checks import check_bundles

__all__ = ["CABundleConfig"]


class CABundleConfig(AppConfig):
    """Registers the checks."""

    name = "ca_bundle"
    verbose_name = "CA bundles"

    def ready(self) -> None:
        """Register the check of the setting CA_BUNDLES."""
        register(check_bundles, Tags.security)
