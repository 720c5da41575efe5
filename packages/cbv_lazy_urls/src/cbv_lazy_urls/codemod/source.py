"""A urls.py as the codemod sees it: its imports, and what dotted names lead to."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst
from libcst.helpers import get_absolute_module, get_full_name_for_node

from cbv_lazy_urls.analysis.classes import Classes, Found
from cbv_lazy_urls.analysis.modules import Cache, Modules
from cbv_lazy_urls.exceptions import ConversionError

__all__ = ["EQUAL", "Edit", "Names", "Source", "arguments", "package_of", "string_of"]

# The sign of a keyword argument, without spaces.
EQUAL = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))


@dataclass
class Edit:
    """The result for one file.

    Attributes:
        text: the new source.
        changed: how many views and includes were converted.
        left: what was left as it is: line, what, and why.
    """

    text: str
    changed: int = 0
    left: list[tuple[int, str]] = field(default_factory=list)


def package_of(file: Path) -> tuple[Path, str]:
    """Return the folder for sys.path and the package of a file, "" at the top."""
    folder = file.resolve().parent
    parts: list[str] = []
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)


class Names:
    """Finds what a dotted name leads to, from the sources of the project."""

    def __init__(self, roots: Iterable[Path]) -> None:
        for root in roots:
            if str(root) not in sys.path:
                sys.path.insert(0, str(root))
        self._modules = Modules(Cache(None))
        self._classes = Classes(self._modules)

    def split(self, dotted: str) -> tuple[str, list[str]]:
        """Return the module in a dotted name and the rest; "" if there is none."""
        parts = dotted.split(".")
        for length in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:length])
            if self._modules.exists(module):
                return module, parts[length:]
        return "", parts

    def find(self, dotted: str) -> Found:
        """Return what it leads to; "unknown" also inside a class."""
        module, names = self.split(dotted)
        if not module:
            return Found("missing")
        try:
            found = self._classes.find(module, names[0])
        except SyntaxError:
            return Found("unknown")
        return found if len(names) == 1 else Found("unknown")

    def is_class(self, dotted: str) -> bool:
        """Tell whether it is a class; by its spelling, if the source does not say."""
        found = self.find(dotted)
        if found.kind == "live":
            return isinstance(found.value, type)
        if found.kind in {"class", "decorated", "function"}:
            return found.kind == "class"
        return dotted.rpartition(".")[2][:1].isupper()


class Source:
    """The module, and the dotted names that its imports give to local names."""

    def __init__(self, text: str, file: str, package: str) -> None:
        try:
            ast.parse(text)  # its messages say more than those of libcst
            self.module = cst.parse_module(text)
        except SyntaxError as error:
            where = f"{file}:{error.lineno}" if error.lineno else file
            message = f"{where}: syntax error: {error.msg}."
            raise ConversionError(message) from error
        except ValueError as error:  # a null byte, up to Python 3.11
            message = f"{file}: {error}."
            raise ConversionError(message) from error
        except cst.ParserSyntaxError as error:
            message = f"{file}:{error.raw_line}: libcst cannot parse this."
            raise ConversionError(message) from error
        self.package = package
        self.imported: dict[str, str] = {}
        for statement in self.module.body:
            if isinstance(statement, cst.SimpleStatementLine):
                for small in statement.body:
                    self.imported.update(self._names_of(small))
        for name in _bound_otherwise(self.module):
            self.imported.pop(name, None)

    def dotted(self, node: cst.BaseExpression) -> str | None:
        """Return the dotted name of an imported object that an expression names."""
        name = get_full_name_for_node(node)
        if name is None or not isinstance(node, cst.Name | cst.Attribute):
            return None
        first, _, rest = name.partition(".")
        if (imported := self.imported.get(first)) is None:
            return None
        return f"{imported}.{rest}" if rest else imported

    def called(self, node: cst.Call, module: str) -> str:
        """Return which function of a module is called, "" if it is another's."""
        owner, _, name = (self.dotted(node.func) or "").rpartition(".")
        return name if owner == module else ""

    def _names_of(self, statement: cst.CSTNode) -> dict[str, str]:
        if isinstance(statement, cst.Import):
            return {
                local: dotted if alias.asname else local
                for alias in statement.names
                if (dotted := alias.evaluated_name)
                and (local := alias.evaluated_alias or dotted.partition(".")[0])
            }
        if not isinstance(statement, cst.ImportFrom):
            return {}
        if isinstance(statement.names, cst.ImportStar):
            return {}
        level = len(statement.relative)
        name = get_full_name_for_node(statement.module) if statement.module else None
        module = _absolute(self.package, level, name)
        return {
            alias.evaluated_alias or alias.evaluated_name: (
                f"{module}.{alias.evaluated_name}"
            )
            for alias in statement.names
            if module
        }


def _absolute(package: str, level: int, name: str | None) -> str | None:
    if not level:
        return name
    if not package:
        return None
    # libcst counts from a module of the package.
    return get_absolute_module(f"{package}.urls", name, level)


class _Bound(cst.CSTVisitor):
    """Collects names that something else than an import binds."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        if isinstance(node.target, cst.Name):
            self.names.add(node.target.value)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.names.add(node.name.value)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.names.add(node.name.value)


def _bound_otherwise(module: cst.Module) -> set[str]:
    visitor = _Bound()
    module.visit(visitor)
    return visitor.names


def arguments(node: cst.Call, names: list[str]) -> dict[str, cst.Arg] | None:
    """Return the arguments by name; None with `*args`, `**kwargs` or too many."""
    found: dict[str, cst.Arg] = {}
    positional = iter(names)
    for arg in node.args:
        if arg.star:
            return None
        name = arg.keyword.value if arg.keyword else next(positional, None)
        if name is None:
            return None
        found[name] = arg
    return found


def string_of(arg: cst.Arg | None) -> str | None:
    """Return the value of a literal string."""
    value = arg.value if arg else None
    if isinstance(value, cst.SimpleString | cst.ConcatenatedString):
        text = value.evaluated_value
        return text if isinstance(text, str) else None
    return None
