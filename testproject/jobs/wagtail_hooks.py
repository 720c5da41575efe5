"""Jobs in Wagtail's admin."""

from __future__ import annotations

from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from home.snippets import WholeEditView
from jobs.models import Job


@register_snippet
class JobViewSet(SnippetViewSet):
    """Edited as a whole, with a preview; listed by term, narrowed by what comes with it."""

    model = Job
    icon = "calendar-alt"
    edit_view_class = WholeEditView
    list_display = ["title", "flags", "location", "end_date"]
    list_filter = ["flags", "team", "location"]
