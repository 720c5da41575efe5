"""Addresses below /jobs/; the list itself is a Wagtail page."""

from __future__ import annotations

from cbv_lazy_urls import lazy_patterns, path

app_name = "jobs"
urlpatterns = lazy_patterns(
    "jobs.views",
    path("feed/", "feed", name="feed"),
    path("<slug:slug>/", "job", name="job"),
)
