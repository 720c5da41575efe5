"""The rooms of every package: imports point one way, and no folder is too full.

A lazy import that hides a circle is still a circle; only those for types do not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {
    **{path.parents[1].name: path for path in sorted(ROOT.glob("packages/*/src/*/"))},
    "testproject": ROOT / "testproject",
    "firmware/uwebsockets": ROOT / "firmware" / "uwebsockets",
    "firmware/usocketio": ROOT / "firmware" / "usocketio",
}
MOST_MODULES = 14
LEFT_OUT = {"migrations", "tests", "static", "locale"}


def modules_of(source: Path) -> dict[str, Path]:
    """Return the modules below `source` by their dotted names."""
    above = source if source.name == "testproject" else source.parent
    found = {}
    for path in source.rglob("*.py"):
        parts = path.relative_to(above).with_suffix("").parts
        if not LEFT_OUT & set(parts):
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported_by(tree: ast.AST) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each module that is imported at run time, with the names taken from it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, tuple(alias.name for alias in node.names)
        else:
            yield from imported_by(node)


def graph_of(modules: dict[str, Path]) -> dict[str, set[str]]:
    """Return what each of the modules imports of the others."""
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for name, path in modules.items():
        for module, taken in imported_by(ast.parse(path.read_text(encoding="utf-8"))):
            inner = {f"{module}.{part}" for part in taken} & modules.keys()
            graph[name] |= inner
            if module in modules and len(inner) < max(len(taken), 1):
                graph[name].add(module)
    return graph


@pytest.mark.parametrize("name", SOURCES)
def test_imports_of_a_package_have_no_circle(name: str) -> None:
    graph = graph_of(modules_of(SOURCES[name]))

    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("name", SOURCES)
def test_no_folder_of_a_package_holds_more_modules_than_one_can_survey(
    name: str,
) -> None:
    folders: dict[Path, int] = {}
    for path in modules_of(SOURCES[name]).values():
        folders[path.parent] = folders.get(path.parent, 0) + (path.stem != "__init__")

    full = {str(folder): n for folder, n in folders.items() if n > MOST_MODULES}
    assert full == {}


def test_a_circle_is_found_even_if_an_import_hides_in_a_function(
    tmp_path: Path,
) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "one.py").write_text("from package.two import two\n")
    (package / "two.py").write_text("def two():\n    from package import one\n")

    with pytest.raises(CycleError):
        TopologicalSorter(graph_of(modules_of(package))).prepare()
