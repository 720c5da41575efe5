"""Jobs on pages that are not about jobs."""

from __future__ import annotations

from typing import Any

from django import template

from jobs.models import Job

register = template.Library()


@register.inclusion_tag("jobs/next_jobs.html")
def next_jobs(count: int) -> dict[str, Any]:
    """Draw the `count` open jobs whose terms are the newest."""
    return {"jobs": Job.objects.open().order_by("-start_date", "slug")[:count]}
