"""People in Django's admin."""

from __future__ import annotations

from django.contrib import admin

from home.admin import RevisedAdmin
from people.models import Person
from postgres_composite_types.admin import CompositeAdminMixin

__all__ = ["PersonAdmin"]


@admin.register(Person)
class PersonAdmin(CompositeAdminMixin, RevisedAdmin):
    """Everybody, by skill, team and the suburb of the address."""

    list_display = ["name", "role", "team", "address__suburb", "skills"]
    list_filter = ["skills", "team", "address__suburb"]
    search_fields = ["name", "role"]
    fields = [
        "name",
        "slug",
        "role",
        "team",
        "skills",
        "biography",
        "address",
        "previous_addresses",
    ]
