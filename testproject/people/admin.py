"""People in Django's admin."""

from __future__ import annotations

from django.contrib import admin

from home.admin import ListAdmin
from people.models import Person

__all__ = ["PersonAdmin"]


@admin.register(Person)
class PersonAdmin(ListAdmin):
    """Everybody, by skill and team."""

    list_display = ["name", "role", "team", "skills"]
    list_filter = ["skills", "team"]
    fields = ["name", "role", "team", "skills"]
