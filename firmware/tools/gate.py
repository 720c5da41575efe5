"""Reject what an ESP8266 lacks: python firmware/tools/gate.py [FILE ...].

The build for the chip switches off parts of MicroPython that the unix port has, so code
that passes here can fail there. Source: ports/esp8266/mpconfigport.h and MicroPython's
list of differences. Types are the business of `micropython-esp8266-stubs`.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

FIRMWARE = Path(__file__).resolve().parents[1]
MODULES = {
    "array", "asyncio", "binascii", "collections", "errno", "gc", "hashlib", "io",
    "json", "machine", "math", "micropython", "network", "os", "random", "re", "select",
    "socket", "struct", "sys", "time", "tls", "uctypes",
    "port", "upins", "usocketio", "uwebsockets", "wifi",
}  # fmt: skip
NAMES = {
    "NotImplemented": "is switched off",
    "__file__": "is switched off",
    "compile": "is switched off",
    "complex": "is switched off",
}
ATTRIBUTES = {
    "bit_length", "casefold", "center", "crc32", "choice", "expandtabs", "indices",
    "isascii", "md5", "partition", "randint", "randrange", "removeprefix",
    "removesuffix", "rpartition", "splitlines", "swapcase", "title", "translate",
    "uniform", "zfill",
}  # fmt: skip
METHODS = {"__delattr__", "__setattr__", "__getattribute__", "__set_name__"}
SYNTAX = {
    ast.Match: "match",
    ast.JoinedStr: "an f-string, which allocates",
}
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
DESKTOP = {"desktop", "desktop_aio"}


def find_problems(source: str, name: str) -> list[str]:
    """Return a line for each feature that the chip lacks."""
    found = []
    for node in ast.walk(ast.parse(source, name)):
        found += [(getattr(node, "lineno", 0), text) for text in _problems(node)]
    return [f"{name}:{line}: {text}" for line, text in sorted(found)]


def _problems(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [
            f"module {alias.name!r} is not there"
            for alias in node.names
            if not _is_known(alias.name)
        ]
    if isinstance(node, ast.ImportFrom):
        return _import_problems(node)
    if isinstance(node, ast.Name):
        return [f"{node.id} {NAMES[node.id]}"] if node.id in NAMES else []
    if isinstance(node, ast.Attribute):
        return [f".{node.attr} is not there"] if node.attr in ATTRIBUTES else []
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return _function_problems(node)
    if isinstance(node, ast.Call):
        return _call_problems(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, complex):
        return ["a complex number"]
    return _syntax_problems(node)


def _syntax_problems(node: ast.AST) -> list[str]:
    kinds = [text for kind, text in SYNTAX.items() if isinstance(node, kind)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        kinds.append("the operator @")
    if isinstance(node, COMPREHENSIONS) and any(
        generator.is_async for generator in node.generators
    ):
        kinds.append("an asynchronous comprehension")
    if type(node).__name__ in ("TryStar", "TypeAlias"):
        kinds.append(type(node).__name__)
    return kinds


def _is_known(module: str) -> bool:
    first, _, rest = module.partition(".")
    # The port's own half for CPython is imported there only.
    return first in MODULES and (first == "port" or rest not in DESKTOP)


def _import_problems(node: ast.ImportFrom) -> list[str]:
    module = node.module or ""
    if not _is_known(module):
        return [f"module {module!r} is not there"]
    names = [alias.name for alias in node.names]
    return [f"{module}.{name} is not there" for name in names if name in ATTRIBUTES]


def _function_problems(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    found = []
    if node.name in METHODS:
        found.append(f"{node.name} is never called")
    if node.args.posonlyargs:
        found.append("positional-only parameters")
    if isinstance(node, ast.AsyncFunctionDef):
        inner = [
            child
            for child in ast.walk(node)
            if isinstance(child, (ast.Yield, ast.YieldFrom))
        ]
        if inner:
            found.append("an asynchronous generator")
    return found


def _call_problems(node: ast.Call) -> list[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name == "pow" and len(node.args) == 3:
        return ["pow with three arguments"]
    if name == "zip" and node.keywords:
        return ["zip(strict=)"]
    return []


def device_sources() -> list[Path]:
    """Return the modules that go onto a device."""
    folders = ("port", "uwebsockets", "usocketio", "upins", "examples")
    paths = [path for name in folders for path in (FIRMWARE / name).glob("*.py")]
    return sorted(path for path in paths if path.stem not in DESKTOP)


def main(arguments: list[str]) -> int:
    """Check the named files, or all that go onto a device."""
    paths = [Path(name) for name in arguments] or device_sources()
    problems = []
    for path in paths:
        problems += find_problems(path.read_text(encoding="utf-8"), str(path))
    print("\n".join(problems) or f"{len(paths)} files can run on an ESP8266.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
