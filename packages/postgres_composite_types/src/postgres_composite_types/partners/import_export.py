"""CSV and its kin by django-import-export: a value is JSON, both ways.

Checked against django-import-export 4.4. `ModelResource.widget_from_django_field` has no
hook that knows the field.
"""

from __future__ import annotations

import json
from functools import partial, wraps
from typing import Any

from import_export.resources import ModelResource  # type: ignore[import-untyped]
from import_export.widgets import Widget  # type: ignore[import-untyped]

from postgres_composite_types.column.arrays import element_of
from postgres_composite_types.values.conversion import to_plain

__all__ = ["ValueWidget", "install"]


class ValueWidget(Widget):  # type: ignore[misc]  # without types
    """Writes a value, or a list of values, as the JSON that `to_python` reads.

    Args:
        field: the model field.
    """

    def __init__(self, field: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.field = field

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Return the JSON; nothing for None."""
        if value is None:
            return ""
        return json.dumps(to_plain(self.field, value), ensure_ascii=False)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the value.

        Raises:
            ValidationError: the text is not the JSON of one.
        """
        return self.field.to_python(value) if value else None


def install() -> None:
    """Choose the widget for composite types; a second call changes nothing."""
    original = ModelResource.__dict__["widget_from_django_field"].__func__
    if hasattr(original, "of_composites"):
        return

    @wraps(original)
    def choose(cls: Any, f: Any, *args: Any, **kwargs: Any) -> Any:
        is_ours = element_of(f)[0] is not None
        # A mapping of the project's own wins.
        if is_ours and f.get_internal_type() not in cls.WIDGETS_MAP:
            return partial(ValueWidget, f)
        return original(cls, f, *args, **kwargs)

    choose.of_composites = True  # type: ignore[attr-defined]  # marks what is installed
    ModelResource.widget_from_django_field = classmethod(choose)
