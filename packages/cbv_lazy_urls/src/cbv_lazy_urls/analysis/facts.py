"""Facts of one module, read from its source: plain values, so that they can be cached.

A fact is a list that begins with its kind:

    ["class", {"bases": ..., "attributes": ..., "is_open": ..., ...}]
    ["function"], ["decorated"] (a function), ["value"] (of an expression), ["unknown"]
    ["literal", its type, the string of an app_name]
    ["module", dotted name], ["from", module, name]
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from .statements import split_module

__all__ = ["Fact", "Reading"]

Fact = list[Any]

# Calls by which a module can get names that no statement binds.
_DYNAMIC = {"exec", "globals", "locals", "vars", "setattr"}
_LITERALS = (ast.Constant, ast.Dict, ast.JoinedStr, ast.List, ast.Set, ast.Tuple)
_WITHOUT_NAMES = (ast.Constant, ast.Name)  # no := inside
_NAMING = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)  # bind a plain name
_SET_ATTRIBUTE = r"\b{}\.(\w+)\s*(?::[^=\n]+)?=(?!=)"
_TRANSPARENT = {"method_decorator"}  # decorators of a class that return it as it is


class Reading:
    """A module that was read. Facts of a class are made when they are asked for.

    Attributes:
        is_open: whether there may be names that the source does not show.
        urls: the lazy URLs in it: ["view", line, name, initkwargs, actions] and
            ["urls", line, name, [app_name]].

    Raises:
        SyntaxError: the source cannot be parsed.
    """

    def __init__(self, source: str, module: str, *, is_package: bool) -> None:
        self._source = source
        self._package = module if is_package else module.rpartition(".")[0]
        self._is_dynamic = any(f"{call}(" in source for call in _DYNAMIC)
        self._aside: dict[str, list[str]] = {}
        needs_all = ("cbv_lazy_urls", "global ")
        if self._is_dynamic or any(each in source for each in needs_all):
            tree = ast.parse(source)
        else:
            tree = self._parse_some()
        self._names = self._bind(tree)
        self.is_open = (
            not self._names.keys().isdisjoint({"*", "__getattr__", "__path__"})
            or "__getattr__" in self._aside
            or "sys.modules" in source
            or (self._is_dynamic and _is_dynamic(tree))
        )
        self.urls = list(_lazy_urls(tree)) if "cbv_lazy_urls" in source else []

    @property
    def names(self) -> list[str]:
        """All names at the top of the module."""
        return [*self._names, *self._aside]

    def fact(self, name: str) -> Fact | None:
        """Return what a name is; None if there is no such name."""
        if name in self._aside:
            self._parse_aside(name)
        if name not in self._names and self._aside:
            self._parse_whole()  # nothing is said to be missing from a part
        fact = self._names.get(name)
        if not isinstance(fact, ast.ClassDef):
            return fact
        facts = _class_facts(fact, is_dynamic=self._is_dynamic)
        if f"{name}." in self._source:
            # `Cart.title = ...` anywhere in the module gives the class an attribute.
            for attribute in re.findall(_SET_ATTRIBUTE.format(name), self._source):
                facts["attributes"][attribute] = "?"
        return ["class", facts]

    def _parse_some(self) -> ast.Module:
        """Parse what is not a class or function; those are parsed when asked for."""
        rest, self._aside = split_module(self._source)
        try:
            return ast.parse(rest)
        except SyntaxError:
            self._aside = {}
            return ast.parse(self._source)

    def _parse_aside(self, name: str) -> None:
        statements = self._aside.pop(name)
        try:
            found = self._bind(ast.parse("".join(statements)))
        except SyntaxError:
            self._parse_whole()  # broken; or it was split where it must not be
            return
        is_twice = name in self._names or len(statements) > 1
        self._names[name] = ["unknown"] if is_twice else found[name]

    def _parse_whole(self) -> None:
        self._names, self._aside = self._bind(ast.parse(self._source)), {}

    def _bind(self, tree: ast.Module) -> dict[str, Fact | ast.ClassDef]:
        names: dict[str, Fact | ast.ClassDef] = {}
        for name, fact in _bindings(tree.body, self._package):
            # Bound twice, in two branches perhaps: which one counts is not known.
            names[name] = ["unknown"] if name in names else fact
        if "global " in self._source:
            names |= dict(_declared_global(tree))
        return names


def _is_dynamic(tree: ast.Module) -> bool:
    called = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(isinstance(func, ast.Name) and func.id in _DYNAMIC for func in called)


def _bindings(
    body: list[ast.stmt], package: str
) -> Iterator[tuple[str, Fact | ast.ClassDef]]:
    """Yield the names that top-level statements bind, with what they are."""
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            yield statement.name, statement
        elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            kind = "decorated" if statement.decorator_list else "function"
            yield statement.name, [kind]
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            yield from _imported(statement, package)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            yield from _assigned(statement)
        else:
            yield from _in_other_statement(statement, package)


def _imported(
    statement: ast.Import | ast.ImportFrom, package: str
) -> Iterator[tuple[str, Fact]]:
    for alias in statement.names:
        if isinstance(statement, ast.ImportFrom):
            module = _absolute(statement, package)
            fact = ["from", module, alias.name] if module else ["unknown"]
            yield alias.asname or alias.name, fact
        elif alias.asname:
            yield alias.asname, ["module", alias.name]
        else:
            first = alias.name.partition(".")[0]
            yield first, ["module", first]


def _absolute(statement: ast.ImportFrom, package: str) -> str:
    """Return the module of `from ... import`, "" if it is above the top."""
    if not statement.level:
        return statement.module or ""
    parts = package.split(".") if package else []
    if len(parts) < statement.level:
        return ""
    parts = parts[: len(parts) - statement.level + 1]
    return ".".join([*parts, statement.module] if statement.module else parts)


def _assigned(
    statement: ast.Assign | ast.AnnAssign,
) -> Iterator[tuple[str, Fact]]:
    targets = (
        statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    )
    value = statement.value
    if value is None:  # an annotation binds nothing
        return
    for target in targets:
        if isinstance(target, ast.Name):
            is_literal = isinstance(value, _LITERALS)
            fact = ["literal", _type_name(value)] if is_literal else ["value"]
            if target.id == "app_name" and (text := _string(value)):
                fact.append(text)
            yield target.id, fact
        else:
            yield from _stored(target)


def _type_name(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return type(value.value).__name__
    return {"JoinedStr": "str"}.get(type(value).__name__, type(value).__name__.lower())


def _in_other_statement(
    statement: ast.stmt, package: str
) -> Iterator[tuple[str, Fact | ast.ClassDef]]:
    """Yield from compound statements, whose blocks belong to the module too."""
    for field, value in ast.iter_fields(statement):
        if field in {"body", "orelse", "finalbody"}:
            yield from _bindings(value, package)
        elif field in {"handlers", "cases"}:
            for block in value:
                yield from _bindings(block.body, package)
                yield from _stored(block)
        else:
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.AST):
                    yield from _stored(part)


def _stored(node: ast.AST) -> Iterator[tuple[str, Fact]]:
    """Yield the names that an expression or a pattern binds."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            yield each.id, ["unknown"]
        elif isinstance(each, _NAMING) and each.name:
            yield each.name, ["unknown"]


def _declared_global(tree: ast.Module) -> Iterator[tuple[str, Fact]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from ((name, ["unknown"]) for name in node.names)


def _class_facts(node: ast.ClassDef, *, is_dynamic: bool) -> dict[str, Any]:
    """Return bases, attributes and handlers; `is_open` if there may be others."""
    attributes = dict(_class_bindings(node.body))
    is_open = bool(node.keywords) or not all(map(_is_transparent, node.decorator_list))
    is_open = is_open or any(
        is_dynamic
        and isinstance(each, ast.Call)
        and isinstance(each.func, ast.Name)
        and each.func.id in _DYNAMIC
        for statement in node.body
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
        for each in ast.walk(statement)
    )
    facts: dict[str, Any] = {"bases": [_dotted(base) for base in node.bases]}
    facts["attributes"] = attributes
    if is_open:
        facts["is_open"] = True
    if "http_method_names" in attributes:
        facts["http_method_names"] = _methods(node.body)
    return facts


def _class_bindings(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yield attributes: "sync" or "async" for a plain method, else "?"."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            is_async = isinstance(statement, ast.AsyncFunctionDef)
            kind = "async" if is_async else "sync"
            yield statement.name, "?" if statement.decorator_list else kind
        elif isinstance(statement, ast.ClassDef):
            yield statement.name, "?"
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                yield (alias.asname or alias.name).partition(".")[0], "?"
        elif isinstance(statement, ast.AnnAssign) and statement.value is None:
            continue
        elif isinstance(statement, ast.Assign):
            yield from _class_assigned(statement)
        else:
            yield from ((name, "?") for name, _ in _stored(statement))
            for field in ("body", "orelse", "finalbody", "handlers"):
                for block in getattr(statement, field, ()):
                    yield from _class_bindings(
                        block.body if field == "handlers" else [block]
                    )


def _class_assigned(statement: ast.Assign) -> Iterator[tuple[str, str]]:
    # Nearly always `name = value`, for which a walk takes too long.
    if not isinstance(statement.value, _WITHOUT_NAMES):
        yield from ((name, "?") for name, _ in _stored(statement.value))
    for target in statement.targets:
        if isinstance(target, ast.Name):
            yield target.id, "?"
        else:
            yield from ((name, "?") for name, _ in _stored(target))


def _methods(body: list[ast.stmt]) -> list[str] | str:
    """Return `http_method_names` if the class gives a literal, "?" if another value."""
    found: list[str] | str = []
    for statement in body:
        if isinstance(statement, ast.Assign | ast.AnnAssign) and any(
            name == "http_method_names" for name, _ in _stored(statement)
        ):
            try:
                found = list(ast.literal_eval(statement.value or ast.Constant("?")))
            except (ValueError, TypeError):
                found = "?"
    return found


def _is_transparent(decorator: ast.expr) -> bool:
    if not isinstance(decorator, ast.Call):
        return False
    return (_dotted(decorator.func) or "").rpartition(".")[2] in _TRANSPARENT


def _dotted(node: ast.expr) -> str | None:
    """Return `a.b.C` of an expression, also of `a.b.C[T]`; else None."""
    if isinstance(node, ast.Subscript):
        node = node.value
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    return ".".join([node.id, *reversed(parts)])


def _lazy_urls(tree: ast.Module) -> Iterator[list[Any]]:
    """Yield ["view", line, name, initkwargs, actions] and ["urls", line, name, app]."""
    ours = {
        alias.asname or alias.name: alias.name
        for statement in tree.body
        if isinstance(statement, ast.ImportFrom) and statement.module == "cbv_lazy_urls"
        for alias in statement.names
    }
    yield from _lazy_calls(tree, "", ours)


def _lazy_calls(
    node: ast.AST, prefix: str, ours: dict[str, str]
) -> Iterator[list[Any]]:
    for child in ast.iter_child_nodes(node):
        inner = prefix
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name):
            called = ours.get(child.func.id, "")
            arguments = _arguments(child, called)
            name = _string(arguments.get("view"))
            if called == "lazy_patterns":
                outer = _string(child.args[0]) if child.args else None
                inner = f"{outer}." if outer else ("?" if outer is None else "")
            elif called == "lazy_urls" and name:
                app_name = arguments.get("app_name")
                app = [] if app_name is None else [_string(app_name)]
                yield ["urls", child.lineno, name, app]
            elif called and name and "?" not in prefix:
                initkwargs = _keys(arguments.get("initkwargs"))
                actions = _string_dict(arguments.get("actions"))
                yield ["view", child.lineno, prefix + name, initkwargs, actions]
        yield from _lazy_calls(child, inner, ours)


_PARAMETERS = {
    "path": ["route", "view", "initkwargs", "name"],
    "re_path": ["route", "view", "initkwargs", "name"],
    "lazy": ["view", "initkwargs"],
    "lazy_urls": ["view", "app_name"],
}
_KEYWORDS = {"lazy": "name", "lazy_urls": "name"}


def _arguments(call: ast.Call, called: str) -> dict[str, ast.expr]:
    """Return the arguments of a call of ours by the names of its parameters."""
    arguments = dict(zip(_PARAMETERS.get(called, []), call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg:
            is_view = keyword.arg == _KEYWORDS.get(called)
            arguments["view" if is_view else keyword.arg] = keyword.value
    return arguments


def _string(node: ast.expr | None) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def _keys(node: ast.expr | None) -> list[str] | None:
    """Return the keys of a literal dict, [] of nothing, None if they are unknown."""
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return []
    if not isinstance(node, ast.Dict):
        return None
    keys = [_string(key) for key in node.keys]
    return None if None in keys else [key for key in keys if key is not None]


def _string_dict(node: ast.expr | None) -> dict[str, str] | bool | None:
    """Return a literal dict of strings, None of nothing, True if it is unknown."""
    if node is None:
        return None
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return True
    return value if isinstance(value, dict) else True
