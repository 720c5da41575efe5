"""System check of the setting."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error

from wagtailimporter.exceptions import suggestion
from wagtailimporter.plan.permitted import SETTING, allowed_labels

__all__ = ["check_models"]


def check_models(**kwargs: Any) -> list[CheckMessage]:  # Any: Django's protocol
    """Return wagtailimporter.E001 for each label that names no model."""
    known = {model._meta.label_lower for model in apps.get_models()}
    known |= {f"{config.label}.*".lower() for config in apps.get_app_configs()}
    return [
        Error(
            f"{SETTING} has {label!r}, which is neither 'app.model' nor 'app.*'.",
            hint=suggestion(label, known),
            id="wagtailimporter.E001",
        )
        for label in sorted((allowed_labels() or set()) - known)
    ]
