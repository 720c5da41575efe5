"""What the site's models have in common in Django's admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.http import HttpRequest
from wagtail.fields import RichTextField

__all__ = ["RevisedAdmin"]


class RevisedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # no generic at run time
    """Counts what each filter finds, and leaves a revision for Wagtail's history."""

    show_facets = admin.ShowFacets.ALWAYS
    # The editor of rich text is made for Wagtail's pages: here it is its HTML.
    formfield_overrides = {RichTextField: {"widget": AdminTextareaWidget}}

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: bool
    ) -> None:
        """Save the object and a revision of it."""
        super().save_model(request, obj, form, change)
        obj.save_revision(user=request.user, log_action=True)
