"""Make a urls.py lazy: `Cart.as_view(title="x")` becomes `"shop.views.Cart", {...}`."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from .imports import move_names, remove_unused
from .source import EQUAL, Edit, Names, Source, arguments

__all__ = ["make_lazy"]


@dataclass
class _View:
    """A view expression taken apart."""

    dotted: str
    initkwargs: cst.Dict | None = None
    actions: cst.BaseExpression | None = None
    decorators: list[cst.BaseExpression] = field(default_factory=list)


def make_lazy(text: str, file: str, package: str, names: Names) -> Edit:
    """Return the source with every view named that can be.

    Raises:
        ConversionError: the source cannot be parsed.
    """
    source = Source(text, file, package)
    wrapper = MetadataWrapper(source.module, unsafe_skip_copy=True)
    converter = _Converter(source, names)
    module = wrapper.visit(converter)
    if not converter.changed:
        return Edit(text, 0, converter.left)
    moved = dict(converter.path_names)
    if converter.uses_lazy:
        moved["lazy"] = None
    module = move_names(module, "django.urls", "cbv_lazy_urls", moved)
    module = remove_unused(module, converter.view_names)
    return Edit(module.code, converter.changed, converter.left)


class _Converter(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, source: Source, names: Names) -> None:
        super().__init__()
        self._source = source
        self._names = names
        self.changed = 0
        self.left: list[tuple[int, str]] = []
        self.uses_lazy = False
        self.view_names: set[str] = set()
        self.path_names: dict[str, str | None] = {}
        for local, dotted in source.imported.items():
            if dotted in {"django.urls.path", "django.urls.re_path"}:
                name = dotted.rpartition(".")[2]
                self.path_names[name] = None if local == name else local

    def leave_Call(
        self, original_node: cst.Call, updated_node: cst.Call
    ) -> cst.BaseExpression:
        if self._source.called(original_node, "django.urls") not in {"path", "re_path"}:
            return updated_node
        given = arguments(updated_node, ["route", "view", "kwargs", "name"])
        if given is None or "view" not in given:
            return updated_node
        expression = given["view"].value
        view = self._view(expression)
        if view is None or isinstance(view, str):
            if view is not None:
                line = self.get_metadata(PositionProvider, original_node).start.line
                self.left.append((line, view))
            return updated_node
        self.changed += 1
        self.view_names |= _names_in(expression)
        return updated_node.with_changes(args=self._arguments(given, view))

    def _arguments(self, given: dict[str, cst.Arg], view: _View) -> list[cst.Arg]:
        """Return the arguments in order: route, view, initkwargs, name, kwargs."""
        value: cst.BaseExpression = cst.SimpleString(f'"{view.dotted}"')
        initkwargs = view.initkwargs
        if view.actions is not None or view.decorators:
            value = _lazy_call(view)
            initkwargs = None
            self.uses_lazy = True
        found = [given["route"], given["view"].with_changes(value=value)]
        if initkwargs is not None:
            keyword = cst.Name("initkwargs") if found[1].keyword else None
            found.append(_argument(initkwargs, keyword))
        found += [
            _argument(given[key].value, cst.Name(key))
            for key in ("kwargs", "name")
            if key in given
        ]
        return _with_commas(found, list(given.values()))

    def _view(self, node: cst.BaseExpression) -> _View | str | None:
        """Take a view apart; None if it is not a view, or why it stays as it is."""
        if isinstance(node, cst.Call):
            if (
                isinstance(node.func, cst.Attribute)
                and node.func.attr.value == "as_view"
            ):
                return self._class_view(node, node.func.value)
            return self._decorated(node)
        dotted = self._source.dotted(node)
        if dotted is None or dotted.startswith("django."):
            return None
        module, rest = self._names.split(dotted)
        if not module:
            return f"the module of {dotted} cannot be found"
        found = self._names.find(dotted)
        is_view = found.kind in {"decorated", "function", "value"} or (
            found.kind == "live" and callable(found.value)
        )
        return _View(dotted) if is_view and len(rest) == 1 else None

    def _class_view(
        self, node: cst.Call, owner: cst.BaseExpression
    ) -> _View | str | None:
        dotted = self._source.dotted(owner)
        if dotted is None or dotted.startswith("django."):
            return None
        if self._names.find(dotted).kind == "missing":
            return f"{dotted} cannot be found"
        view = _View(dotted)
        elements: list[cst.BaseDictElement] = []
        for arg in node.args:
            if arg.star == "**":
                elements.append(cst.StarredDictElement(arg.value))
            elif arg.star or (arg.keyword is None and view.actions is not None):
                return f"the arguments of {dotted}.as_view() are not all named"
            elif arg.keyword is None or arg.keyword.value == "actions":
                view.actions = arg.value
            else:
                key = cst.SimpleString(f'"{arg.keyword.value}"')
                elements.append(cst.DictElement(key, arg.value))
        view.initkwargs = cst.Dict(elements) if elements else None
        return view

    def _decorated(self, node: cst.Call) -> _View | str | None:
        """Take `decorator(view)` apart: a call with one argument, which is a view."""
        if len(node.args) != 1 or node.args[0].keyword or node.args[0].star:
            return None
        if (self._source.dotted(node.func) or "").rpartition(".")[2] == "include":
            return None
        view = self._view(node.args[0].value)
        if isinstance(view, _View):
            view.decorators.insert(0, node.func)
        return view


def _lazy_call(view: _View) -> cst.Call:
    args = [_argument(cst.SimpleString(f'"{view.dotted}"'), None)]
    if view.initkwargs is not None:
        args.append(_argument(view.initkwargs, None))
    if view.actions is not None:
        args.append(_argument(view.actions, cst.Name("actions")))
    if view.decorators:
        elements = [cst.Element(each) for each in view.decorators]
        args.append(_argument(cst.List(elements), cst.Name("decorators")))
    return cst.Call(cst.Name("lazy"), args)


def _argument(value: cst.BaseExpression, keyword: cst.Name | None) -> cst.Arg:
    if keyword is None:
        return cst.Arg(value)
    return cst.Arg(value, keyword, EQUAL)


def _with_commas(args: list[cst.Arg], before: list[cst.Arg]) -> list[cst.Arg]:
    """Put commas and line breaks between arguments as they were before."""
    inner = before[0].comma
    if not isinstance(inner, cst.Comma):
        inner = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    last = args[-1].with_changes(
        comma=before[-1].comma, whitespace_after_arg=before[-1].whitespace_after_arg
    )
    space = cst.SimpleWhitespace("")
    return [
        *(
            each.with_changes(comma=inner, whitespace_after_arg=space)
            for each in args[:-1]
        ),
        last,
    ]


def _names_in(node: cst.CSTNode) -> set[str]:
    found: set[str] = set()

    class Visitor(cst.CSTVisitor):
        def visit_Name(self, node: cst.Name) -> None:
            found.add(node.value)

    node.visit(Visitor())
    return found
