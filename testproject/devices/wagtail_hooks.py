"""Devices in Wagtail's admin."""

from __future__ import annotations

from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from devices.models import Device


@register_snippet
class DeviceViewSet(SnippetViewSet):
    """Listed by name, with where they stand and whether they are online."""

    model = Device
    icon = "mobile-alt"
    list_display = ["name", "site", BooleanColumn("is_online", label="Online")]
    list_filter = ["site"]
    search_fields = ["name", "slug"]
    panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("slug"), FieldPanel("site")]),
    ]
