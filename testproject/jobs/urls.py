"""Addresses below /jobs/; the list itself is a Wagtail page."""

from __future__ import annotations

from django.urls import path

from jobs import views

app_name = "jobs"
urlpatterns = [
    path("feed/", views.feed, name="feed"),
    path("<slug:slug>/", views.job, name="job"),
]
