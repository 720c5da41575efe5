"""Edit the imports of a module: move names to another module, remove, add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import libcst as cst
from libcst.helpers import get_full_name_for_node

__all__ = ["add_modules", "move_names", "remove_unused"]


class _References(cst.CSTVisitor):
    """Collects the names that are used outside of imports."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def visit_Name(self, node: cst.Name) -> None:
        self.names.add(node.value)


def _references(module: cst.Module) -> set[str]:
    visitor = _References()
    module.visit(visitor)
    return visitor.names


def remove_unused(module: cst.Module, local_names: Iterable[str]) -> cst.Module:
    """Remove the imports of those names that nothing uses any longer."""
    unused = {*local_names} - _references(module)
    changed = module.visit(_Remover(unused)) if unused else module
    assert isinstance(changed, cst.Module)  # noqa: S101 - for the type
    return changed


class _Remover(cst.CSTTransformer):
    def __init__(self, unused: set[str]) -> None:
        self._unused = unused

    def leave_Import(
        self, original_node: cst.Import, updated_node: cst.Import
    ) -> cst.Import | cst.RemovalSentinel:
        kept = [
            alias
            for alias in updated_node.names
            if (alias.evaluated_alias or alias.evaluated_name.partition(".")[0])
            not in self._unused
        ]
        return (
            updated_node.with_changes(names=_listed(kept))
            if kept
            else cst.RemoveFromParent()
        )

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        if isinstance(updated_node.names, cst.ImportStar):
            return updated_node
        kept = [
            alias
            for alias in updated_node.names
            if (alias.evaluated_alias or alias.evaluated_name) not in self._unused
        ]
        if len(kept) == len(updated_node.names):
            return updated_node
        return (
            updated_node.with_changes(names=_listed(kept))
            if kept
            else cst.RemoveFromParent()
        )


def move_names(
    module: cst.Module, source: str, target: str, moved: Mapping[str, str | None]
) -> cst.Module:
    """Import names from `target` in place of `source`.

    Args:
        module: the module.
        source: where they are imported from now.
        target: where they shall come from.
        moved: from a name in `target` to its alias.
    """
    if not moved:
        return module
    present = _from_imports(module, target)
    names = {**_names(present), **moved}
    new = cst.SimpleStatementLine([_from(target, names)])
    body: list[cst.CSTNode] = []
    is_placed = False
    for statement in module.body:
        old = _is_from(statement, target)
        from_source = _is_from(statement, source)
        if old is not None and present:
            if not is_placed:
                body.append(_in_place(statement, new))
                is_placed = True
            continue
        if from_source is None:
            body.append(statement)
            continue
        rest = {k: v for k, v in _names([from_source]).items() if k not in moved}
        if not is_placed and not present:
            body.append(_in_place(statement, new))
            is_placed = True
            if rest:
                body.append(cst.SimpleStatementLine([_from(source, rest)]))
        elif rest:
            body.append(
                _in_place(statement, cst.SimpleStatementLine([_from(source, rest)]))
            )
    if not is_placed:
        body.insert(_after_imports(body), new)
    return module.with_changes(body=body)


def add_modules(module: cst.Module, modules: Mapping[str, str]) -> cst.Module:
    """Add imports of modules, from a dotted name to the local name of each."""
    lines = [
        cst.SimpleStatementLine([_module_import(dotted, local)])
        for dotted, local in sorted(modules.items())
    ]
    if not lines:
        return module
    lines[0] = lines[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    body = list(module.body)
    at = _after_imports(body)
    return module.with_changes(body=[*body[:at], *lines, *body[at:]])


def _module_import(dotted: str, local: str) -> cst.BaseSmallStatement:
    package, _, name = dotted.rpartition(".")
    alias = None if local == name else local
    if package:
        return _from(package, {name: alias})
    as_name = cst.AsName(cst.Name(alias)) if alias else None
    return cst.Import([cst.ImportAlias(cst.Name(name), as_name)])


def _from(module: str, names: Mapping[str, str | None]) -> cst.ImportFrom:
    dotted = cst.parse_expression(module)
    aliases = [
        cst.ImportAlias(cst.Name(name), cst.AsName(cst.Name(alias)) if alias else None)
        for name, alias in sorted(names.items())
    ]
    return cst.ImportFrom(module=dotted, names=_listed(aliases))  # type: ignore[arg-type]


def _listed(aliases: list[cst.ImportAlias]) -> list[cst.ImportAlias]:
    """Put commas between the names, and none after the last."""
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    last = aliases[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return [each.with_changes(comma=comma) for each in aliases[:-1]] + [last]


def _is_from(statement: cst.CSTNode, module: str) -> cst.ImportFrom | None:
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) > 1:
        return None
    small = statement.body[0]
    if not isinstance(small, cst.ImportFrom) or small.relative or not small.module:
        return None
    return small if get_full_name_for_node(small.module) == module else None


def _from_imports(module: cst.Module, name: str) -> list[cst.ImportFrom]:
    found = (_is_from(statement, name) for statement in module.body)
    return [each for each in found if each is not None]


def _names(imports: list[cst.ImportFrom]) -> dict[str, str | None]:
    return {
        alias.evaluated_name: alias.evaluated_alias
        for each in imports
        if not isinstance(each.names, cst.ImportStar)
        for alias in each.names
    }


def _in_place(
    old: cst.CSTNode, new: cst.SimpleStatementLine
) -> cst.SimpleStatementLine:
    """Return the new line with the blank lines and comments of the old one."""
    if not isinstance(old, cst.SimpleStatementLine):
        return new
    return new.with_changes(
        leading_lines=old.leading_lines, trailing_whitespace=old.trailing_whitespace
    )


def _after_imports(body: Sequence[cst.CSTNode]) -> int:
    at = 0
    for index, statement in enumerate(body):
        if isinstance(statement, cst.SimpleStatementLine) and isinstance(
            statement.body[0], cst.Import | cst.ImportFrom
        ):
            at = index + 1
    if not at and body and _is_docstring(body[0]):
        return 1
    return at


def _is_docstring(statement: cst.CSTNode) -> bool:
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and isinstance(statement.body[0], cst.Expr)
        and isinstance(statement.body[0].value, cst.SimpleString)
    )
