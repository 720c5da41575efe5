"""Addresses below /sprints/."""

from __future__ import annotations

from cbv_lazy_urls import lazy_patterns, path

app_name = "sprints"
urlpatterns = lazy_patterns(
    "sprints.views",
    path("", "overview", name="overview"),
    path("<int:pk>/<slug:name>.svg", "chart", name="chart"),
)
