"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig

__all__ = ["ChoiceArrayFieldConfig"]


class ChoiceArrayFieldConfig(AppConfig):
    """Puts in place what Django has no hook for."""

    name = "choice_array_field"
    verbose_name = "Choice array field"
