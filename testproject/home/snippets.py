"""Editing of what has no drafts in Wagtail's admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from wagtail.snippets.views.snippets import EditView

__all__ = ["WholeEditView"]


class WholeEditView(EditView):
    """Saves when it is asked to: without drafts the site shows all at once."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Turn off what would put an address on the site while it is typed."""
        super().setup(request, *args, **kwargs)
        self.autosave_enabled = False
