"""Rewrite `Address.Operation()` in a migration's text; no database, no file."""

from __future__ import annotations

import ast
import io
import tokenize
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django.db.migrations.writer import OperationWriter

from postgres_composite_types.operations import CreateFromClass

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from postgres_composite_types.operations import CreateCompositeType
    from postgres_composite_types.types import CompositeType


@dataclass(frozen=True)
class Call:
    """A call that freezes nothing, at its place in the text."""

    node: ast.Call
    type_class: type[CompositeType]


def calls_in(text: str, names: Mapping[str, Any]) -> list[Call]:
    """Return the calls of `Operation` in the text of a migration.

    Args:
        text: The source of the module.
        names: What its names stand for: its `__dict__`.
    """
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and not node.args and not node.keywords:
            target = _resolve(node.func, names)
            if isinstance(target, type) and issubclass(target, CreateFromClass):
                found.append(Call(node, target.type_class))
    return found


def freeze(
    text: str, names: Mapping[str, Any], frozen: Mapping[str, CreateCompositeType]
) -> str:
    """Return the text with each call written out.

    Args:
        text: The source of the module.
        names: What its names stand for.
        frozen: The operation to write for each label of a type.
    """
    calls = calls_in(text, names)
    imports: set[str] = set()
    for call in sorted(calls, key=lambda call: -call.node.lineno):
        operation = frozen[call.type_class._meta.label]
        written, needed = OperationWriter(operation, indentation=0).serialize()
        if "models" in names and names["models"].__name__ != "django.db.models":
            written = _spelled_out(written)
            needed = {*needed, "import django.db.models"}
        imports |= needed
        text = _replaced(text, call.node, written.removesuffix(","))
    return _without_unused(_with_imports(text, imports), calls)


def _resolve(node: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(_resolve(node.value, names), node.attr, None)
    return None


def _replaced(text: str, node: ast.Call, written: str) -> str:
    lines = text.splitlines(keepends=True)
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    # Columns count bytes.
    before = lines[first].encode()[: node.col_offset].decode()
    after = lines[last].encode()[node.end_col_offset :].decode()
    indent = before[: len(before) - len(before.lstrip())]
    lines[first : last + 1] = [before + written.replace("\n", "\n" + indent) + after]
    return "".join(lines)


def _spelled_out(written: str) -> str:
    """Return the code with `django.db.models` where it says `models`."""
    lines = written.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(written).readline))
    for before, token in reversed(list(pairwise(tokens))):
        if token.string == "models" and before.string != ".":
            (row, first), (_, last) = token.start, token.end
            line = lines[row - 1]
            lines[row - 1] = f"{line[:first]}django.db.models{line[last:]}"
    return "".join(lines)


def _with_imports(text: str, imports: set[str]) -> str:
    present = {ast.unparse(part) for part in _imported(text)}
    missing = sorted(line for line in imports if line not in present)
    last = max(node.end_lineno or 0 for node in _import_nodes(text))
    lines = text.splitlines(keepends=True)
    lines[last:last] = [f"{line}\n" for line in missing]
    return "".join(lines)


def _without_unused(text: str, calls: list[Call]) -> str:
    """Return the text without the imports that only the calls had used."""
    used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    gone = {_root(call.node.func) for call in calls} - used
    lines = text.splitlines(keepends=True)
    for node in reversed(_import_nodes(text)):
        kept = [each for each in node.names if _bound(each) not in gone]
        if len(kept) < len(node.names):
            node.names = kept
            line = f"{ast.unparse(node)}\n" if kept else ""
            lines[node.lineno - 1 : node.end_lineno] = [line]
    return "".join(lines)


def _import_nodes(text: str) -> list[ast.Import | ast.ImportFrom]:
    body = ast.parse(text).body
    return [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]


def _imported(text: str) -> Iterator[ast.Import | ast.ImportFrom]:
    for node in _import_nodes(text):
        for name in node.names:
            if isinstance(node, ast.Import):
                yield ast.Import([name])
            else:
                yield ast.ImportFrom(node.module, [name], node.level)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _bound(name: ast.alias) -> str:
    return name.asname or name.name.partition(".")[0]
