"""Addresses below /search/."""

from __future__ import annotations

from cbv_lazy_urls import lazy_patterns, path

app_name = "search"
urlpatterns = lazy_patterns(
    "search.views",
    path("", "search", name="search"),
    path("suggest/", "suggest", name="suggest"),
)
