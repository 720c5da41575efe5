"""A job's own page, and the feed of open jobs."""

from __future__ import annotations

import hmac
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobs.models import FeedPartner, Job

__all__ = ["feed", "job"]


@require_safe
def job(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one job; a job whose term has ended says so."""
    found = get_object_or_404(Job, slug=slug)
    return render(request, "jobs/job.html", found.page_context())


@require_safe
@never_cache
def feed(request: HttpRequest) -> JsonResponse:
    """List the open jobs as JSON to a partner who shows its token."""
    if not _is_partner(request.headers.get("Authorization", "")):
        return JsonResponse(
            {"error": "Send the header 'Authorization: Bearer TOKEN'."},
            status=HTTPStatus.UNAUTHORIZED,
            headers={"WWW-Authenticate": 'Bearer realm="jobs"'},
        )
    jobs = [
        {
            "title": job.title,
            "team": job.get_team_display(),
            "location": job.location,
            "arrangement": job.arrangement,
            "start_date": job.start_date,
            "end_date": job.end_date,
            "url": request.build_absolute_uri(job.get_absolute_url()),
        }
        for job in Job.objects.open()
    ]
    return JsonResponse({"jobs": jobs})


def _is_partner(authorization: str) -> bool:
    scheme, _, shown = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return False
    # A partner without a token is let in by none, least of all by an empty one.
    tokens = FeedPartner.objects.exclude(token="").values_list("token", flat=True)
    return any(hmac.compare_digest(shown.encode(), token.encode()) for token in tokens)
