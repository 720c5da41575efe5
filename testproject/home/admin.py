"""Django's admin shows lists with filters; Wagtail's is for editing."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

__all__ = ["ListAdmin"]


class ListAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no generic at run time
    """Shows and counts, and changes nothing."""

    show_facets = admin.ShowFacets.ALWAYS

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False
