"""People in Wagtail's admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import EditView, SnippetViewSet

from people.models import Person


class PersonEditView(EditView):
    """Saves when it is asked to: people have no drafts, so the site shows all at once."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Turn off what would put an address on the site while it is typed."""
        super().setup(request, *args, **kwargs)
        self.autosave_enabled = False


@register_snippet
class PersonViewSet(SnippetViewSet):
    """Edited as a whole, listed by name, team and skills."""

    model = Person
    edit_view_class = PersonEditView
    list_display = ["name", "team", "skills"]
    list_filter = ["team", "skills"]
