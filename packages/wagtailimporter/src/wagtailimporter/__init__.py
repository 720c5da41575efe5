"""Import Wagtail pages, images and sites from YAML.

The rooms, in the order in which data passes through them:

parse/      YAML text to values that remember where they stand
fields/     how one value is read, compared with and set on an object
plan/       the objects that the files mean, and what is to be changed
write/      store it in one transaction
report      what was done, in numbers and by name
importer    the way through all of them; management/ calls it
export/     the way back: what is stored as files, and their JSON Schema
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wagtailimporter.exceptions import ImporterError, ImportFailed, Problem
    from wagtailimporter.export.documents import export_pages
    from wagtailimporter.importer import Author, import_files
    from wagtailimporter.report import Report

__all__ = [
    "Author",
    "ImportFailed",
    "ImporterError",
    "Problem",
    "Report",
    "export_pages",
    "import_files",
]

_MODULES = {
    "Author": "importer",
    "Report": "report",
    "export_pages": "export.documents",
    "import_files": "importer",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: models need a ready Django."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    module = importlib.import_module(f"{__name__}.{_MODULES.get(name, 'exceptions')}")
    return getattr(module, name)
