"""People in Wagtail's admin."""

from __future__ import annotations

from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from home.snippets import WholeEditView
from people.models import Person


@register_snippet
class PersonViewSet(SnippetViewSet):
    """Edited as a whole, listed by name, team and skills."""

    model = Person
    icon = "group"
    edit_view_class = WholeEditView
    list_display = ["name", "team", "skills"]
    list_filter = ["team", "skills"]
