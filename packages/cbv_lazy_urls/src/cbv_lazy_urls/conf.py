"""What a urls.py calls: path, re_path, include, lazy, lazy_urls, lazy_patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from django.core.exceptions import ImproperlyConfigured
from django.urls import include as django_include
from django.urls import path as django_path
from django.urls import re_path as django_re_path
from django.urls.resolvers import RegexPattern, RoutePattern

from .patterns import LazyInclude, LazyPath, LazyURLs
from .places import Place
from .views import Decorator, LazyView

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver
    from django.utils.functional import _StrOrPromise

__all__ = ["include", "lazy", "lazy_patterns", "lazy_urls", "path", "re_path"]

Included = tuple[Any, "str | None", "str | None"]
Pattern = TypeVar("Pattern")


@overload
def path(  # type: ignore[overload-overlap]  # a lazy view is callable, too
    route: _StrOrPromise,
    view: str | LazyView,
    initkwargs: Mapping[str, Any] | None = None,
    name: str | None = None,
    *,
    kwargs: dict[str, Any] | None = None,
) -> LazyPath: ...
@overload
def path(
    route: _StrOrPromise,
    view: Included,
    initkwargs: dict[str, Any] | None = None,
    name: str | None = None,
    *,
    kwargs: dict[str, Any] | None = None,
) -> URLResolver: ...
@overload
def path(
    route: _StrOrPromise,
    view: Callable[..., Any],
    initkwargs: dict[str, Any] | None = None,
    name: str | None = None,
    *,
    kwargs: dict[str, Any] | None = None,
) -> URLPattern: ...
def path(
    route: Any,
    view: Any,
    initkwargs: Any = None,
    name: str | None = None,
    *,
    kwargs: dict[str, Any] | None = None,
) -> Any:
    """Make an element of `urlpatterns`, as the function of the same name in Django.

    Args:
        route: the route.
        view: a dotted name or what `lazy()` returns; anything else is handed to
            Django's path().
        initkwargs: arguments of the class's `as_view()`. For a view that is not lazy
            this third argument is `kwargs`, as in Django.
        name: the name for reverse().
        kwargs: arguments that the URL passes on to the view.
    """
    return _path(RoutePattern, django_path, route, view, initkwargs, name, kwargs)


@overload
def re_path(  # type: ignore[overload-overlap]
    route: _StrOrPromise,
    view: str | LazyView,
    initkwargs: Mapping[str, Any] | None = None,
    name: str | None = None,
    *,
    kwargs: dict[str, Any] | None = None,
) -> LazyPath: ...
@overload
def re_path(
    route: _StrOrPromise,
    view: Included,
    initkwargs: dict[str, Any] | None = None,
    name: str | None = None,
    *,
    kwargs: dict[str, Any] | None = None,
) -> URLResolver: ...
@overload
def re_path(
    route: _StrOrPromise,
    view: Callable[..., Any],
    initkwargs: dict[str, Any] | None = None,
    name: str | None = None,
    *,
    kwargs: dict[str, Any] | None = None,
) -> URLPattern: ...
def re_path(
    route: Any,
    view: Any,
    initkwargs: Any = None,
    name: str | None = None,
    *,
    kwargs: dict[str, Any] | None = None,
) -> Any:
    """Return an element of `urlpatterns` with a regular expression; see `path`."""
    return _path(RegexPattern, django_re_path, route, view, initkwargs, name, kwargs)


def _path(
    pattern_class: Any,
    of_django: Any,
    route: Any,
    view: Any,
    initkwargs: Any,
    name: str | None,
    kwargs: Any,
) -> Any:
    """Make a lazy path; called by path() and re_path() only, see the depth below."""
    if not isinstance(view, str | LazyView):
        kwargs = _kwargs_of_django(initkwargs, kwargs)
        if isinstance(view, list | tuple) and isinstance(view[0], LazyURLs):
            return LazyInclude(pattern_class(route), view[0], kwargs, *view[1:])
        return of_django(route, view, kwargs, name)
    for given in (initkwargs, kwargs):
        if given is not None and not isinstance(given, Mapping):
            message = f"kwargs and initkwargs are dicts, not {type(given).__name__}."
            raise TypeError(message)
    if isinstance(view, str):
        view = LazyView(view, initkwargs, place=Place.of_caller(depth=2))
    elif initkwargs is not None:
        message = f"initkwargs stand in lazy({view.lazy_name!r}, {{...}})."
        raise TypeError(message)
    pattern = pattern_class(route, name=name, is_endpoint=True)
    return LazyPath(pattern, view, kwargs, name)


def _kwargs_of_django(third: Any, kwargs: Any) -> Any:
    if third is not None and kwargs is not None:
        message = "Only a lazy view takes initkwargs beside kwargs."
        raise TypeError(message)
    return kwargs if third is None else third


def lazy(
    name: str,
    initkwargs: Mapping[str, Any] | None = None,
    *,
    actions: Mapping[str, str] | None = None,
    decorators: Iterable[Decorator] = (),
) -> LazyView:
    """Return a view that is imported on first use, for path() or as a handler.

    Args:
        name: the dotted name of a view class or function.
        initkwargs: arguments of `as_view()`.
        actions: methods and actions of a view set of Django REST framework.
        decorators: put around the view, the first of them outermost.
    """
    place = Place.of_caller(depth=1)
    return LazyView(
        name, initkwargs, actions=actions, decorators=decorators, place=place
    )


def lazy_urls(name: str, app_name: str | None = None) -> LazyURLs:
    """Return a URLconf for `include()` that is imported on first use.

    Args:
        name: the dotted name of the URLconf module.
        app_name: the `app_name` of that module. Without it, the module is read by the
            first reverse() of a name that is not known otherwise.
    """
    return LazyURLs(name, app_name, Place.of_caller(depth=1))


def include(arg: Any, namespace: str | None = None) -> Included:
    """Prepare a URLconf for path(): a lazy one, or whatever Django accepts.

    Raises:
        ImproperlyConfigured: a namespace without the app_name of the URLconf.
    """
    if not isinstance(arg, LazyURLs):
        return django_include(arg, namespace)
    if namespace and not arg.app_name:
        message = (
            f"{arg.place}: a namespace needs the app_name of the URLconf: "
            f"lazy_urls({arg.name!r}, app_name=...)."
        )
        raise ImproperlyConfigured(message)
    return arg, arg.app_name, namespace or arg.app_name


def lazy_patterns(
    prefix: str, *patterns: Pattern | LazyPath
) -> list[Pattern | LazyPath]:
    """Return patterns whose lazy views are named relative to a prefix."""
    return [
        each.prefixed(prefix) if isinstance(each, LazyPath) else each
        for each in patterns
    ]
