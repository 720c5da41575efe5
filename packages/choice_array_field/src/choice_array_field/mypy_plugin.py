"""django-stubs' mypy plugin, with `get_FOO_display` of each ChoiceArrayField.

It knows that method only of fields with `choices`, and ours has none: name this plugin
in place of `mypy_django_plugin.main`.
"""

from __future__ import annotations

from collections.abc import Callable

from mypy.nodes import TypeInfo
from mypy.plugin import ClassDefContext
from mypy.plugins.common import add_method_to_class
from mypy.types import Instance
from mypy_django_plugin.main import NewSemanalDjangoPlugin

__all__ = ["ChoiceArrayPlugin", "plugin"]


class ChoiceArrayPlugin(NewSemanalDjangoPlugin):
    """Adds the methods to each model class that the original plugin completes."""

    def get_base_class_hook(
        self, fullname: str
    ) -> Callable[[ClassDefContext], None] | None:
        """Return the hook of django-stubs, followed by ours."""
        hook = super().get_base_class_hook(fullname)
        if hook is None:
            return None

        def complete(context: ClassDefContext) -> None:
            hook(context)
            self._add_displays(context)

        return complete

    def _add_displays(self, context: ClassDefContext) -> None:
        from choice_array_field import ChoiceArrayField

        model = self.django_context.get_model_class_by_fullname(context.cls.fullname)
        text = self.lookup_fully_qualified("builtins.str")
        if model is None or text is None or not isinstance(text.node, TypeInfo):
            return
        for field in model._meta.get_fields():
            name = f"get_{field.name}_display"
            if (
                isinstance(field, ChoiceArrayField)
                and name not in context.cls.info.names
            ):
                returned = Instance(text.node, [])
                add_method_to_class(context.api, context.cls, name, [], returned)


def plugin(version: str) -> type[ChoiceArrayPlugin]:
    """Return the plugin: mypy calls this."""
    return ChoiceArrayPlugin
