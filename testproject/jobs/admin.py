"""Jobs in Django's admin."""

from __future__ import annotations

from django.contrib import admin

from home.admin import ListAdmin
from jobs.models import Job

__all__ = ["JobAdmin"]


@admin.register(Job)
class JobAdmin(ListAdmin):
    """All jobs, by what comes with them, team and place."""

    list_display = ["title", "location", "end_date", "flags"]
    list_filter = ["flags", "team", "location"]
    fields = ["title", "team", "location", "arrangement", "flags"]
