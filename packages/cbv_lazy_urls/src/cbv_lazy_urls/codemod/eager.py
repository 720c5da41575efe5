"""Make a lazy urls.py eager: `"shop.views.Cart", {...}` becomes `views.Cart.as_view()`."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from .imports import add_modules, move_names, remove_unused
from .source import EQUAL, Edit, Names, Source, arguments, string_of

__all__ = ["make_eager"]

_OURS = {"include", "lazy", "lazy_patterns", "lazy_urls", "path", "re_path"}
_PATH = ["route", "view", "initkwargs", "name"]


def make_eager(text: str, file: str, package: str, names: Names) -> Edit:
    """Return the source with every named view imported.

    Raises:
        ConversionError: the source cannot be parsed.
    """
    source = Source(text, file, package)
    wrapper = MetadataWrapper(source.module, unsafe_skip_copy=True)
    converter = _Converter(source, names)
    module = wrapper.visit(converter)
    if not converter.changed:
        return Edit(text, 0, converter.left)
    if not converter.left:
        # Django's functions take all that is left in the file.
        moved = {
            name: None if local == name else local
            for local, dotted in source.imported.items()
            for owner, _, name in [dotted.rpartition(".")]
            if owner == "cbv_lazy_urls" and name in {"include", "path", "re_path"}
        }
        module = move_names(module, "cbv_lazy_urls", "django.urls", moved)
    module = remove_unused(module, _local_names(source))
    module = add_modules(module, converter.modules)
    return Edit(module.code, converter.changed, converter.left)


def _local_names(source: Source) -> Iterable[str]:
    for local, dotted in source.imported.items():
        owner, _, name = dotted.rpartition(".")
        if owner == "cbv_lazy_urls" and name.startswith("lazy"):
            yield local


class _Converter(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, source: Source, names: Names) -> None:
        super().__init__()
        self._source = source
        self._names = names
        self._prefixes: list[str | None] = [""]
        self.changed = 0
        self.left: list[tuple[int, str]] = []
        self.modules: dict[str, str] = {}

    def visit_Call(self, node: cst.Call) -> None:
        if self._called(node) == "lazy_patterns":
            prefix = string_of(node.args[0]) if node.args else None
            outer = self._prefixes[-1]
            is_known = prefix is not None and outer is not None
            joined = f"{prefix}." if prefix else ""
            self._prefixes.append(joined + (outer or "") if is_known else None)

    def leave_Call(
        self, original_node: cst.Call, updated_node: cst.Call
    ) -> cst.BaseExpression:
        called = self._called(original_node)
        made: cst.BaseExpression | None = updated_node
        if called in {"path", "re_path"}:
            made = self._path(updated_node)
        elif called == "lazy":
            made = self._lazy(updated_node)
        elif called == "lazy_urls":
            made = self._urls(updated_node)
        elif called == "lazy_patterns":
            is_known = self._prefixes.pop() is not None
            made = _list(updated_node) if is_known else None
        if made is None:
            line = self.get_metadata(PositionProvider, original_node).start.line
            self.left.append((line, f"the arguments of {called}() are not literals"))
            return updated_node
        return made

    def _called(self, node: cst.Call) -> str:
        called = self._source.called(node, "cbv_lazy_urls")
        return called if called in _OURS else ""

    def _path(self, node: cst.Call) -> cst.Call | None:
        given = arguments(node, _PATH)
        if given is None or "view" not in given:
            return None
        view = given["view"]
        if not isinstance(view.value, cst.SimpleString | cst.ConcatenatedString):
            is_computed = isinstance(
                view.value, cst.BinaryOperation | cst.FormattedString
            )
            return None if is_computed else node
        expression = self._reference(string_of(view), given.get("initkwargs"), None)
        if expression is None:
            return None
        args = []
        for name, arg in given.items():
            if name == "view":
                args.append(arg.with_changes(value=expression))
            elif name == "name" and arg.keyword is None:
                args.append(arg.with_changes(keyword=cst.Name("name"), equal=EQUAL))
            elif name != "initkwargs":
                args.append(arg)
        args[-1] = args[-1].with_changes(comma=node.args[-1].comma)
        return node.with_changes(args=args)

    def _lazy(self, node: cst.Call) -> cst.BaseExpression | None:
        given = arguments(node, ["name", "initkwargs"])
        if given is None:
            return None
        name, initkwargs = string_of(given.get("name")), given.get("initkwargs")
        decorators = given.get("decorators")
        made = self._reference(name, initkwargs, given.get("actions"))
        if decorators is None or made is None:
            return made
        if not isinstance(decorators.value, cst.List | cst.Tuple):
            return None
        for element in reversed(decorators.value.elements):
            made = cst.Call(element.value, [cst.Arg(made)])
        return made

    def _urls(self, node: cst.Call) -> cst.BaseExpression | None:
        given = arguments(node, ["name", "app_name"])
        if given is None or "name" not in given:
            return None
        self.changed += 1
        name = given["name"].value
        if "app_name" not in given:
            return name
        return cst.Tuple([cst.Element(name), cst.Element(given["app_name"].value)])

    def _reference(
        self, name: str | None, initkwargs: cst.Arg | None, actions: cst.Arg | None
    ) -> cst.BaseExpression | None:
        """Return the expression for a dotted name, and note the import that it needs."""
        prefix = self._prefixes[-1]
        if name is None or prefix is None:
            return None
        dotted = prefix + name
        module, rest = self._names.split(dotted)
        if not module:
            module, _, last = dotted.rpartition(".")
            rest = [last]
        if not module:
            return None
        self.changed += 1
        view = cst.parse_expression(".".join([self._local(module), *rest]))
        if not self._names.is_class(dotted):
            return view
        args = [cst.Arg(actions.value)] if actions else []
        args += _keywords(initkwargs.value) if initkwargs else []
        return cst.Call(cst.Attribute(view, cst.Name("as_view")), args)

    def _local(self, module: str) -> str:
        """Return the local name of a module: its last part, or more if that is taken."""
        if module in self.modules:
            return self.modules[module]
        parts = module.split(".")
        taken = {*self.modules.values(), *self._source.imported}
        local = parts[-1]
        if self._source.imported.get(local) == module:
            return local
        while local in taken:
            parts = parts[:-1]
            local = f"{parts[-1]}_{local}" if parts else f"{local}_"
        self.modules[module] = local
        return local


def _keywords(value: cst.BaseExpression) -> list[cst.Arg]:
    """Return the arguments for the keys of a dict."""
    if not isinstance(value, cst.Dict):
        is_none = isinstance(value, cst.Name) and value.value == "None"
        return [] if is_none else [cst.Arg(value, star="**")]
    made = []
    for element in value.elements:
        key = getattr(element, "key", None)
        if isinstance(key, cst.SimpleString) and key.raw_value.isidentifier():
            name = cst.Name(key.raw_value)
            made.append(cst.Arg(element.value, name, EQUAL))
        elif isinstance(element, cst.StarredDictElement):
            made.append(cst.Arg(element.value, star="**"))
        else:
            return [cst.Arg(value, star="**")]
    return made


def _list(node: cst.Call) -> cst.List:
    """Return the patterns of lazy_patterns() as a list with the same line breaks."""
    elements = [
        cst.StarredElement(arg.value, comma=arg.comma)
        if arg.star
        else cst.Element(arg.value, comma=arg.comma)
        for arg in node.args[1:]
    ]
    comma = node.args[0].comma
    space = comma.whitespace_after if isinstance(comma, cst.Comma) else None
    if not isinstance(space, cst.ParenthesizedWhitespace):
        space = cst.SimpleWhitespace("")  # all in one line
    opening, closing = space, node.args[-1].whitespace_after_arg
    return cst.List(
        elements,
        lbracket=cst.LeftSquareBracket(opening),
        rbracket=cst.RightSquareBracket(closing),
    )
