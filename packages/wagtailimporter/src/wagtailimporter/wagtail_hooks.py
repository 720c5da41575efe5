"""Wagtail's history says who imported a page, and why."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.log_actions import LogFormatter

from wagtailimporter.plan.records import ACTION


@hooks.register("register_log_actions")
def register_import(registry: Any) -> None:  # Any: wagtail is not typed
    """Register the action, since Wagtail shows no comment of its own edits."""

    @registry.register_action(ACTION)
    class ImportFormatter(LogFormatter):
        label = _("Import")
        message = _("Imported from a file")

        def format_comment(self, log_entry: Any) -> str:
            return str(log_entry.data.get("comment", ""))
