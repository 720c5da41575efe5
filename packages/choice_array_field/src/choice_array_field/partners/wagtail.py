"""The field in Wagtail's admin: labels where a value is only read or compared.

The editor, the listings and their filters need nothing of this.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from wagtail.admin.compare import FieldComparison, TextDiff, register_comparison_class
from wagtail.admin.panels import FieldPanel

from choice_array_field.column.display import labels
from choice_array_field.column.fields import ChoiceArrayField
from choice_array_field.partners.replacing import replace

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


def _format_value_for_display(
    original: Any, panel: Any, *args: Any, **kwargs: Any
) -> Any:
    # Wagtail takes labels from the form field, and finds none that are in groups.
    try:
        field = panel.db_field
    except (FieldDoesNotExist, ImproperlyConfigured):
        field = None
    if isinstance(field, ChoiceArrayField):
        [value] = [*args, *kwargs.values()]
        return labels(field, value)
    return original(panel, *args, **kwargs)


def install() -> None:
    """Show labels in panels; a second call changes nothing."""
    register_comparison_class(ChoiceArrayField, comparison_class=MembersComparison)
    replace(FieldPanel, "format_value_for_display", _format_value_for_display)
