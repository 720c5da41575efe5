"""The field in Wagtail's admin: labels where a value is only read or compared.

The editor, the listings and their filters need nothing of this.
"""

from __future__ import annotations

from typing import Any

from wagtail.admin.compare import FieldComparison, TextDiff
from wagtail.admin.panels import FieldPanel

from .display import labels
from .fields import ChoiceArrayField
from .replacing import replace

__all__ = ["MembersComparison", "install"]


class MembersComparison(FieldComparison):
    """Shows each member of two revisions: kept, removed or added."""

    def htmldiff(self) -> str:
        """Return the labels in declared order, with Wagtail's marks of a change."""
        choices = self.field.choice_set
        before, after = set(self.val_a or ()), set(self.val_b or ())
        changes = [
            (_kind(member in before, member in after), choices.label(member))
            for member in choices.display_order(before | after)
        ]
        html: str = TextDiff(changes, separator=", ").to_html()
        return html


def _kind(was_there: bool, is_there: bool) -> str:
    if was_there and is_there:
        return "equal"
    return "addition" if is_there else "deletion"


def _get_comparison_class(original: Any, panel: Any) -> Any:
    # Wagtail's own, for one of several choices, would come before a registered one.
    if isinstance(panel.db_field, ChoiceArrayField):
        return MembersComparison
    return original(panel)


def _format_value_for_display(original: Any, panel: Any, value: Any) -> Any:
    # Wagtail takes labels from the form field, and finds none that are in groups.
    if isinstance(panel.db_field, ChoiceArrayField):
        return labels(panel.db_field, value)
    return original(panel, value)


def install() -> None:
    """Show labels in panels; a second call changes nothing."""
    replace(FieldPanel, "get_comparison_class", _get_comparison_class)
    replace(FieldPanel, "format_value_for_display", _format_value_for_display)
