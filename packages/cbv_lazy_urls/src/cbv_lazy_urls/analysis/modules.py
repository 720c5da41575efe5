"""Modules without importing them: find one, read its facts, keep these by mtime."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from importlib.machinery import ModuleSpec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from .facts import Fact, Reading

__all__ = ["Cache", "Facts", "Modules", "cache_file"]

# Raised whenever Reading finds something else for the same source.
FACTS_VERSION = 1


class Modules:
    """The modules of this process, and the sources of those that it has not imported.

    A finder is asked for a specification only; no code of a module runs, and none of
    its parent packages, which importlib.util.find_spec would import.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._specs: dict[str, ModuleSpec | None] = {}
        self._facts: dict[str, Facts | None] = {}

    def imported(self, name: str) -> ModuleType | None:
        """Return a module that is imported completely."""
        module = sys.modules.get(name)
        spec = getattr(module, "__spec__", None)
        return None if getattr(spec, "_initializing", False) else module

    def spec(self, name: str) -> ModuleSpec | None:
        """Return how the import system would load a module; None if it finds none."""
        if name not in self._specs:
            self._specs[name] = self._find(name)
        return self._specs[name]

    def exists(self, name: str) -> bool | None:
        """Tell whether there is such a module; None if that cannot be known."""
        if name in sys.modules or self.spec(name) is not None:
            return True
        parent = name.rpartition(".")[0]
        if not parent:
            return False
        if not (is_there := self.exists(parent)):
            return is_there
        # Code of the parent may add modules; without its source nobody knows.
        try:
            facts = self.facts(parent)
        except SyntaxError:
            return None
        return None if facts is None or facts.is_open else False

    def folders(self, name: str) -> list[str] | None:
        """Return where the modules of a package are; None if it is not a package."""
        if (module := self.imported(name)) is not None:
            found: Any = getattr(module, "__path__", None)
        else:
            spec = self.spec(name)
            found = spec.submodule_search_locations if spec else None
        return None if found is None else list(found)

    def facts(self, name: str) -> Facts | None:
        """Return what the source says; None if there is no source to read.

        Raises:
            SyntaxError: the source cannot be parsed.
        """
        if name not in self._facts:
            self._facts[name] = self._read(name)
        return self._facts[name]

    def file(self, name: str) -> str:
        """Return the file of a module, "" if it has none."""
        spec = self.spec(name)
        return (spec.origin or "") if spec and spec.has_location else ""

    def names_in(self, package: str) -> list[str]:
        """Return the modules of a package, or without one all at the top."""
        folders = (self.folders(package) or []) if package else None
        return [found.name for found in iter_modules(folders)]

    def _find(self, name: str) -> ModuleSpec | None:
        parent = name.rpartition(".")[0]
        folders = self.folders(parent) if parent else None
        if parent and folders is None:
            return None
        for finder in sys.meta_path:
            if (find_spec := getattr(finder, "find_spec", None)) is None:
                continue
            try:
                spec: ModuleSpec | None = find_spec(name, folders, None)
            except KeyError:
                spec = _namespace(name, folders or [])
            if spec is not None:
                return spec
        return None

    def _read(self, name: str) -> Facts | None:
        spec = self.spec(name)
        get_source = getattr(spec.loader if spec else None, "get_source", None)
        if spec is None or get_source is None:
            return None
        is_package = spec.submodule_search_locations is not None

        def read() -> Reading:
            if (source := get_source(name)) is None:
                raise ImportError(name=name)
            return Reading(source, name, is_package=is_package)

        facts = Facts(read, self._cache.get(spec.origin))
        try:
            facts.is_open  # noqa: B018 - reads a module that is not in the cache
        except (ImportError, RecursionError, ValueError):  # bytes that are not text
            return None
        self._cache.put(spec.origin, facts)
        return facts


def _namespace(name: str, folders: list[str]) -> ModuleSpec:
    """Return what the import system finds for a namespace package in a package.

    It computes the folders from the parent, which it wants to be imported.
    """
    spec = ModuleSpec(name, None, is_package=True)
    inner = [Path(folder, name.rpartition(".")[2]) for folder in folders]
    spec.submodule_search_locations = [str(each) for each in inner if each.is_dir()]
    return spec


class Facts:
    """The facts of a module that somebody asked for; only these are kept.

    A view module may hold many classes that no URL names.
    """

    def __init__(
        self, read: Callable[[], Reading], kept: dict[str, Any] | None = None
    ) -> None:
        self._read = read
        self._reading: Reading | None = None
        self.kept: dict[str, Any] = kept if kept is not None else {}
        self.is_changed = False

    @property
    def is_open(self) -> bool:
        """Whether there may be names that the source does not show."""
        return bool(self._once("is_open", lambda reading: reading.is_open))

    @property
    def urls(self) -> list[Any]:
        """The lazy URLs in it, see `Reading`."""
        urls: list[Any] = self._once("urls", lambda reading: reading.urls)
        return urls

    @property
    def names(self) -> list[str]:
        """All names; for a message, so they are not kept."""
        return self.reading.names

    def get(self, name: str) -> Fact | None:
        """Return what a name is; None if there is no such name."""
        fact: Fact | None = self._once(
            f"name {name}", lambda reading: reading.fact(name)
        )
        return fact

    @property
    def reading(self) -> Reading:
        """The module, read when it is first needed."""
        if self._reading is None:
            self._reading = self._read()
        return self._reading

    def _once(self, key: str, find: Callable[[Reading], Any]) -> Any:
        if key not in self.kept:
            self.kept[key] = find(self.reading)
            self.is_changed = True
        return self.kept[key]


class Cache:
    """Facts by file, valid while the file's mtime and size stay. A file of JSON.

    It only saves time: one that cannot be read or written is done without.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._kept: dict[str, list[Any]] = {}
        self._used: dict[str, tuple[list[int], Facts]] = {}
        self._version = [FACTS_VERSION, *sys.version_info[:2]]
        if file is not None:
            self._kept = self._load(file)

    def get(self, file: str | None) -> dict[str, Any] | None:
        """Return the facts of a file that did not change."""
        entry = self._kept.get(file or "")
        if file is None or entry is None or entry[0] != _stamp(file):
            return None
        kept: dict[str, Any] = entry[1]
        return kept

    def put(self, file: str | None, facts: Facts) -> None:
        """Keep the facts of a file."""
        if file is not None and (stamp := _stamp(file)) is not None:
            self._used[file] = (stamp, facts)

    def save(self) -> None:
        """Write what this run has used, if that differs from what was read."""
        is_changed = any(facts.is_changed for _, facts in self._used.values())
        is_same = self._used.keys() == self._kept.keys() and not is_changed
        if self._file is None or is_same:
            return
        files = {
            file: [stamp, facts.kept] for file, (stamp, facts) in self._used.items()
        }
        text = json.dumps({"version": self._version, "files": files})
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._file.parent)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).replace(self._file)
        except OSError:
            return

    def _load(self, file: Path) -> dict[str, list[Any]]:
        try:
            stored = json.loads(file.read_bytes())
            kept = stored["files"] if stored["version"] == self._version else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return kept if isinstance(kept, dict) else {}


def _stamp(file: str) -> list[int] | None:
    try:
        status = Path(file).stat()
    except OSError:
        return None
    return [status.st_mtime_ns, status.st_size]


def cache_file(project: Iterable[str]) -> Path | None:
    """Return the file of a project in the user's cache folder, if there is one."""
    digest = hashlib.sha256("\0".join(project).encode()).hexdigest()[:16]
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return folder / "fieldkit-cbv-lazy-urls" / f"{digest}.json"
