"""What editors see first in Wagtail's admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.ui.components import Component

from jobs.flags import JobFlag
from jobs.models import Job
from people.models import Person

__all__ = ["StartPanel"]

JOBS_SHOWN = 5


class StartPanel(Component):
    """What the site has beside its pages, and the jobs that need an editor next."""

    name = "start"
    template_name = "home/admin/start_panel.html"
    order = 150

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        """Return counts, the jobs that end next, and somebody with an address."""
        jobs = Job.objects.open()
        today = timezone.localdate()
        return {
            "jobs": jobs[:JOBS_SHOWN],
            "job_count": Job.objects.count(),
            "open_count": jobs.count(),
            "coming_count": jobs.filter(start_date__gt=today).count(),
            "flags": JobFlag,
            "people_count": Person.objects.count(),
            "person": Person.objects.filter(address__isnull=False).first(),
        }


@hooks.register("construct_homepage_panels")
def add_start_panel(request: HttpRequest, panels: list[Any]) -> None:
    """Show the panel to those who may change what it leads to."""
    if request.user.has_perms(["jobs.change_job", "people.change_person"]):
        panels.append(StartPanel())
