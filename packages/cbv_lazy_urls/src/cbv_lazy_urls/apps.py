"""The Django app: registers the system check. The URLs work without it."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register

__all__ = ["CbvLazyUrlsConfig"]


class CbvLazyUrlsConfig(AppConfig):
    """Registers the check and brings the command `lazy_urls`."""

    name = "cbv_lazy_urls"
    verbose_name = "Lazy URLs"

    def ready(self) -> None:
        """Register the check; a second call changes nothing."""
        from .checks import check_lazy_urls

        register(check_lazy_urls, Tags.urls)
