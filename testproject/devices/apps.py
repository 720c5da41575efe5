from __future__ import annotations

from django.apps import AppConfig


class DevicesConfig(AppConfig):
    """Devices, their tokens and their readings."""

    name = "devices"
