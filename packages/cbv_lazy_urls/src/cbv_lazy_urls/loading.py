"""Load a whole URLconf: for servers that fork, for the deep check, and statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from .exceptions import LazyURLError, PreloadError
from .patterns import LazyInclude, LazyPath, LazyURLs
from .places import Place
from .tables import HANDLERS
from .views import LazyView, Load, loads

__all__ = [
    "handlers",
    "lazy_urls_of",
    "lazy_view_of",
    "load_all",
    "preload",
    "stats",
    "walk",
]


def stats() -> list[Load]:
    """Return the views that this process has loaded, in order, and what each cost."""
    return list(loads)


def preload(urlconf: str | None = None) -> int:
    """Load every view and lazy include of a URLconf; return how many there were.

    For servers that load the site before they fork, so that workers share its memory.

    Args:
        urlconf: ROOT_URLCONF without it.

    Raises:
        PreloadError: some cannot be loaded, a line for each; the others are.
    """
    count, problems = load_all(urlconf)
    if problems:
        lines = "\n".join(problems)
        message = f"{len(problems)} of {count} cannot be loaded:\n{lines}"
        raise PreloadError(message)
    return count


def load_all(urlconf: str | None = None) -> tuple[int, list[str]]:
    """Load all; return the number of lazy views and includes, and the problems."""
    attempts = _Attempts()
    resolver = get_resolver(urlconf)
    for handler in handlers(resolver):
        attempts.load(handler.lazy_load, handler.lazy_name, handler.lazy_place)

    def enter(urls: LazyURLs, load: Callable[[], object]) -> bool:
        return attempts.load(load, urls.name, urls.place)

    for pattern in walk(resolver, enter):
        if (view := lazy_view_of(pattern)) is not None:
            load = pattern.load if isinstance(pattern, LazyPath) else view.lazy_load
            attempts.load(load, view.lazy_name, view.lazy_place)
    return attempts.count, attempts.problems


class _Attempts:
    """Loads one thing after the other and keeps what went wrong."""

    def __init__(self) -> None:
        self.count = 0
        self.problems: list[str] = []

    def load(self, load: Callable[[], object], name: str, place: Place) -> bool:
        """Return whether it could be loaded."""
        self.count += 1
        try:
            load()
        except LazyURLError as error:
            self.problems.append(str(error))
            return False
        except Exception as error:  # noqa: BLE001 - whatever a module raises
            text = f"{name!r} cannot be loaded: {type(error).__name__}: {error}"
            self.problems.append(f"{place}: {text}")
            return False
        return True


def walk(
    resolver: URLResolver, enter: Callable[[LazyURLs, Callable[[], object]], bool]
) -> Iterator[URLPattern | URLResolver]:
    """Yield the patterns of a URLconf and of what it includes.

    Args:
        resolver: where to begin.
        enter: is given a lazy URLconf and a function that loads it; returns whether to
            go on inside.
    """
    for pattern in resolver.url_patterns:
        yield pattern
        if isinstance(pattern, LazyPath) or not isinstance(pattern, URLResolver):
            continue
        urls = lazy_urls_of(pattern)
        if urls is None or enter(urls, partial(_load_patterns, pattern)):
            yield from walk(pattern, enter)


def _load_patterns(resolver: URLResolver) -> object:
    return resolver.url_patterns


def handlers(resolver: URLResolver) -> list[LazyView]:
    """Return the lazy error handlers of a root URLconf."""
    module = resolver.urlconf_module
    found = [getattr(module, name, None) for name in HANDLERS]
    return [view for view in found if isinstance(view, LazyView)]


def lazy_view_of(pattern: Any) -> LazyView | None:
    """Return the lazy view of a path, also of one that Django's path() made."""
    if isinstance(pattern, LazyPath):
        return pattern.lazy_view
    is_lazy = isinstance(pattern, URLPattern) and isinstance(pattern.callback, LazyView)
    return pattern.callback if is_lazy else None


def lazy_urls_of(pattern: Any) -> LazyURLs | None:
    """Return the lazy URLconf of an include, also of one that Django's path() made."""
    if isinstance(pattern, LazyInclude):
        return pattern.lazy_urls
    urlconf = getattr(pattern, "urlconf_name", None)
    is_lazy = isinstance(pattern, URLResolver) and isinstance(urlconf, LazyURLs)
    return urlconf if is_lazy else None
