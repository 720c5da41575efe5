from __future__ import annotations

from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from .models import Notice


class NoticeViewSet(SnippetViewSet):
    model = Notice
    list_display = ["title", "flags"]
    list_filter = ["flags"]
    inspect_view_enabled = True


register_snippet(NoticeViewSet)
