"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import Tags, register

__all__ = ["ChoiceArrayFieldConfig"]


class ChoiceArrayFieldConfig(AppConfig):
    """Puts in place what Django has no hook for."""

    name = "choice_array_field"
    verbose_name = "Choice array field"

    def ready(self) -> None:
        """Register what needs all models; a second call changes nothing."""
        from .checks import check_indexes

        register(check_indexes, Tags.models)
