"""Import Wagtail pages, images and sites from YAML."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wagtailimporter.exceptions import ImporterError, ImportFailed, Problem
    from wagtailimporter.importer import import_files
    from wagtailimporter.report import Report

__all__ = ["ImportFailed", "ImporterError", "Problem", "Report", "import_files"]

_MODULES = {"Report": "report", "import_files": "importer"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: models need a ready Django."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    module = importlib.import_module(f"{__name__}.{_MODULES.get(name, 'exceptions')}")
    return getattr(module, name)
