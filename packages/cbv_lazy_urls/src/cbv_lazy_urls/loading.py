"""Load a whole URLconf: for servers that fork, for the deep check, and statistics."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from .exceptions import LazyURLError, PreloadError
from .patterns import LazyInclude, LazyPath, LazyURLs
from .tables import HANDLERS
from .views import LazyView, Load, loads

__all__ = ["eager_uses", "handlers", "load_all", "preload", "stats", "walk"]


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
    count = 0
    problems: list[str] = []

    def attempt(load: Callable[[], object], name: str, place: object) -> bool:
        nonlocal count
        count += 1
        try:
            load()
        except LazyURLError as error:
            problems.append(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a module raises
            kind = type(error).__name__
            problems.append(f"{place}: {name!r} cannot be loaded: {kind}: {error}")
        else:
            return True
        return False

    resolver = get_resolver(urlconf)
    for view in handlers(resolver):
        attempt(view.lazy_load, view.lazy_name, view.lazy_place)

    def enter(include: LazyInclude) -> bool:
        urls = include.lazy_urls
        return attempt(include.load, urls.name, urls.place)

    for pattern in walk(resolver, enter):
        if isinstance(pattern, LazyPath):
            lazy_view = pattern.lazy_view
            attempt(pattern.load, lazy_view.lazy_name, lazy_view.lazy_place)
    return count, problems


def walk(
    resolver: URLResolver, enter: Callable[[LazyInclude], bool]
) -> Iterator[URLPattern | URLResolver]:
    """Yield the patterns of a URLconf and of what it includes.

    Args:
        resolver: where to begin.
        enter: whether to read a lazy include, which it may load.
    """
    for pattern in resolver.url_patterns:
        yield pattern
        if isinstance(pattern, LazyPath) or not isinstance(pattern, URLResolver):
            continue
        if not isinstance(pattern, LazyInclude) or enter(pattern):
            yield from walk(pattern, enter)


def handlers(resolver: URLResolver) -> list[LazyView]:
    """Return the lazy error handlers of a root URLconf."""
    module = resolver.urlconf_module
    found = [getattr(module, name, None) for name in HANDLERS]
    return [view for view in found if isinstance(view, LazyView)]


def eager_uses(pattern: Any) -> LazyView | LazyURLs | None:
    """Return what is lazy in a pattern of Django's own path(), which imports it."""
    if type(pattern) is URLPattern and isinstance(pattern.callback, LazyView):
        return pattern.callback
    urlconf = getattr(pattern, "urlconf_name", None)
    if type(pattern) is URLResolver and isinstance(urlconf, LazyURLs):
        return urlconf
    return None
