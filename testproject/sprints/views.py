"""How our own work goes: the charts of the newest snapshot of our Redmine."""

from __future__ import annotations

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from redmine_analytics.models import Snapshot

__all__ = ["chart", "overview"]

may_see = permission_required(
    "redmine_analytics.view_snapshot", login_url="wagtailadmin_login"
)


@require_safe
@may_see
def overview(request: HttpRequest) -> HttpResponse:
    """Show the charts of the newest snapshot, or how to take the first one."""
    snapshot = Snapshot.objects.newest()
    return render(request, "sprints/overview.html", {"snapshot": snapshot})


@require_safe
@may_see
@cache_control(private=True, max_age=3600)
def chart(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Return a chart of a snapshot as a picture."""
    snapshot = get_object_or_404(Snapshot, pk=pk)
    try:
        result = snapshot.result(name)
    except KeyError:
        message = f"the snapshot has no chart {name}"
        raise Http404(message) from None
    return HttpResponse(result.svg(), content_type="image/svg+xml")
