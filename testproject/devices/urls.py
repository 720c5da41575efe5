"""Addresses below /devices/."""

from __future__ import annotations

from cbv_lazy_urls import lazy_patterns, path

app_name = "devices"
urlpatterns = lazy_patterns("devices.views", path("", "dashboard", name="dashboard"))
