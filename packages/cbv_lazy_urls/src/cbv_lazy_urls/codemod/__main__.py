"""python -m cbv_lazy_urls.codemod lazy|eager [--diff] FILE ..."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

from cbv_lazy_urls.exceptions import ConversionError
from cbv_lazy_urls.places import shortened

try:
    from .eager import make_eager
    from .lazy import make_lazy
    from .source import Edit, Names, package_of
except ModuleNotFoundError as error:
    if error.name != "libcst":
        raise
    sys.exit("The codemod needs libcst; install fieldkit-cbv-lazy-urls[codemod].")

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Convert files; return 1 if one cannot be read, and then write none."""
    parser = argparse.ArgumentParser(
        prog="python -m cbv_lazy_urls.codemod",
        description="Name the views of urls.py files, or import them again.",
    )
    parser.add_argument("direction", choices=["lazy", "eager"], help="what to make")
    parser.add_argument("files", nargs="+", metavar="FILE", help="a urls.py")
    parser.add_argument(
        "--diff", action="store_true", help="print what would change, write nothing"
    )
    options = parser.parse_args(argv)
    files = [Path(name) for name in options.files]
    try:
        edits = {file: _convert(file, options.direction) for file in files}
    except ConversionError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for file, (before, edit) in edits.items():
        _report(file, before, edit, is_diff=options.diff, direction=options.direction)
        if not options.diff and edit.text != before:
            file.write_bytes(edit.text.encode())
    return 0


def _convert(file: Path, direction: str) -> tuple[str, Edit]:
    try:
        text = file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{file}: cannot be read: {error}"
        raise ConversionError(message) from error
    root, package = package_of(file)
    convert = make_lazy if direction == "lazy" else make_eager
    return text, convert(text, shortened(str(file)), package, Names([Path.cwd(), root]))


def _report(
    file: Path, before: str, edit: Edit, *, is_diff: bool, direction: str
) -> None:
    name = shortened(str(file))
    if is_diff:
        lines = difflib.unified_diff(
            before.splitlines(keepends=True),
            edit.text.splitlines(keepends=True),
            name,
            name,
        )
        sys.stdout.writelines(lines)
    else:
        sys.stdout.write(f"{name}: {edit.changed} made {direction}.\n")
    for line, reason in edit.left:
        sys.stderr.write(f"{name}:{line}: left as it is: {reason}.\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
