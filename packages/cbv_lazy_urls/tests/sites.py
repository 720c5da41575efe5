"""Sites that a test writes into a folder of its own, and what is imported of them."""

from __future__ import annotations

import importlib
import sys
import textwrap
from pathlib import Path

from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.urls import clear_url_caches, set_urlconf


class Site:
    """Modules below a folder on sys.path; `modules` are those that are imported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, files: dict[str, str]) -> None:
        for name, source in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(source), encoding="utf-8")
        importlib.invalidate_caches()
        self._clear()

    @property
    def modules(self) -> set[str]:
        """Names of the imported modules of the site, without packages and URLconfs."""
        return {
            name
            for name, module in list(sys.modules.items())
            if self._is_ours(module)
            and not hasattr(module, "__path__")
            and not hasattr(module, "urlpatterns")
        }

    def _is_ours(self, module: object) -> bool:
        file = getattr(module, "__file__", None) or ""
        return file.startswith(str(self.folder))

    def forget(self) -> None:
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            paths = list(getattr(module, "__path__", ()))
            if any(str(each).startswith(str(self.folder)) for each in [file, *paths]):
                del sys.modules[name]
        self._clear()

    def _clear(self) -> None:
        clear_url_caches()
        is_language_prefix_patterns_used.cache_clear()  # by name of the URLconf
        set_urlconf(None)
