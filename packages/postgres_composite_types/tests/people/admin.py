from __future__ import annotations

from django.contrib import admin

from postgres_composite_types.admin import CompositeAdminMixin

from .models import Parcel, Person


class ParcelInline(CompositeAdminMixin, admin.StackedInline):
    model = Parcel
    extra = 1


@admin.register(Person)
class PersonAdmin(CompositeAdminMixin, admin.ModelAdmin):
    list_display = ["name", "address__suburb", "address__is_gated", "address__place__x"]
    list_filter = [
        "name",
        "address__suburb",
        "address__country",
        "address__since",
        "address__is_gated",
    ]
    search_fields = ["address__suburb"]
    inlines = [ParcelInline]


@admin.register(Parcel)
class ParcelAdmin(CompositeAdminMixin, admin.ModelAdmin):
    list_display = ["recipient__suburb", "sender__address__suburb"]
