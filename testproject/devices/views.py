"""The dashboard: what devices measured last, and then live."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from devices.models import Device, Reading
from devices.workers.registry import DEVICES_SHOWN

__all__ = ["dashboard"]


@require_safe
@never_cache
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the devices; the page's script keeps them up to date."""
    latest = Reading.objects.filter(device=OuterRef("pk"))
    devices = Device.objects.annotate(
        last_at=Subquery(latest.values("at")[:1]),
        last_values=Subquery(latest.values("values")[:1]),
    )
    context = {
        "devices": devices[:DEVICES_SHOWN],
        "hidden_count": max(devices.count() - DEVICES_SHOWN, 0),
        "may_push": request.user.has_perm("devices.change_device"),
    }
    return render(request, "devices/dashboard.html", context)
