"""Devices in Django's admin: tokens are revoked here, and issued by device_token."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest

from devices.models import Device, Token
from devices.workers.pushing import PushError, disconnect

__all__ = ["DeviceAdmin"]


class TokenInline(admin.TabularInline[Token, Device]):
    """When tokens were issued; nobody can read them."""

    model = Token
    extra = 0
    can_delete = False
    readonly_fields = ["created_at", "expires_at", "revoked_at"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A token is printed once, by `manage.py device_token`."""
        return False


@admin.register(Device)
class DeviceAdmin(admin.ModelAdmin[Device]):
    """All devices, those that are online first."""

    list_display = ["name", "slug", "site", "online", "state"]
    list_filter = ["site"]
    search_fields = ["name", "slug"]
    fields = ["name", "slug", "site"]
    ordering = ["-connection", "name"]
    inlines = [TokenInline]
    actions = ["revoke"]

    @admin.display(boolean=True)
    def online(self, device: Device) -> bool:
        """Return whether it is connected."""
        return device.is_online

    @admin.action(
        description="Revoke all tokens and disconnect", permissions=["change"]
    )
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        """Keep devices out."""
        count = 0
        for device in queryset:
            count += device.revoke_tokens()
            transaction.on_commit(partial(_disconnect, device))
        self.message_user(request, f"{count} tokens revoked.", messages.SUCCESS)


def _disconnect(device: Device) -> None:
    try:
        disconnect(device)
    except PushError:
        pass  # Its worker looks at its token with every beat.
