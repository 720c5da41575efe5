"""Jobs in Django's admin."""

from __future__ import annotations

from django.contrib import admin

from home.admin import RevisedAdmin
from jobs.models import Job

__all__ = ["JobAdmin"]


@admin.register(Job)
class JobAdmin(RevisedAdmin):
    """All jobs, by what comes with them, team and place."""

    list_display = ["title", "location", "end_date", "flags"]
    list_filter = ["flags", "team", "location"]
    search_fields = ["title"]
    fields = [
        "title",
        "slug",
        ("team", "location"),
        "arrangement",
        ("start_date", "end_date"),
        "flags",
        "description",
    ]
