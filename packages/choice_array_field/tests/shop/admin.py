from __future__ import annotations

from django.contrib import admin

from .models import Box, Item


@admin.register(Item)
class ItemAdmin(admin.ModelAdmin):
    list_display = ["title", "flags", "sizes", "days"]
    list_filter = ["flags", "loose", "sizes", "weights", "days", "hours", "title"]
    readonly_fields = ["days"]


@admin.register(Box)
class BoxAdmin(admin.ModelAdmin):
    list_filter = ["items__flags"]
