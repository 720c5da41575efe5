"""Jobs on pages that are not about jobs."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from jobs.models import Job

register = template.Library()


@register.inclusion_tag("jobs/next_jobs.html")
def next_jobs(count: int) -> dict[str, Any]:
    """Draw the next `count` jobs to start; if none is to come, those that end next."""
    open_jobs, today = Job.objects.open(), timezone.localdate()
    coming = open_jobs.filter(start_date__gt=today).order_by("start_date", "slug")
    if jobs := coming[:count]:
        return {"heading": "Starting soon", "jobs": jobs}
    return {"heading": "Open jobs", "jobs": open_jobs[:count]}
