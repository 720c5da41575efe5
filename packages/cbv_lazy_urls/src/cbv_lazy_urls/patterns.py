"""Lazy patterns: what stands in `urlpatterns` until it is first needed.

A lazy path is a `URLResolver` to Django, which reads a resolver's table of names and
not its view; a `URLPattern` would be asked for the view itself by the first reverse()
and by system checks. When a path first matches, its view is imported and the object's
class becomes `URLPattern`: from then on nothing of this package is left in its way.
A lazy include becomes a plain `URLResolver` in the same manner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django
from django.urls import URLPattern, URLResolver
from django.urls import include as django_include
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RoutePattern
from django.utils.datastructures import MultiValueDict

from . import tables
from .places import Place

if TYPE_CHECKING:
    from django.urls import ResolverMatch

    from .views import LazyView, View

__all__ = ["LazyInclude", "LazyPath", "LazyURLs"]

# From 6.1 the debug page prints the name of a URLPattern only.
_NAMES_NEED_A_PATTERN = django.VERSION >= (6, 1)


def _do_nothing() -> None:
    """Stand for `_populate`: the table of a lazy path is made without it."""


class LazyPath(URLResolver):
    """One URL whose view is imported when it first matches."""

    # A resolver's own, the same for all: a URLconf may have thousands of these.
    app_name = None
    namespace = None
    default_kwargs: dict[str, Any] = {}
    namespace_dict: dict[str, Any] = {}
    app_dict: dict[str, Any] = {}
    _populated = True
    _populate = staticmethod(_do_nothing)

    def __init__(
        self,
        pattern: Any,
        view: LazyView,
        default_args: dict[str, Any] | None,
        name: str | None,
    ) -> None:
        # The attributes of a URLPattern; `callback` joins them when it is loaded.
        self.pattern = pattern
        self.default_args = default_args or {}
        self.name = name
        self.lazy_view = view

    def __repr__(self) -> str:
        return f"<LazyPath {self.pattern.describe()} {self.lazy_view.lazy_name!r}>"

    def prefixed(self, prefix: str) -> LazyPath:
        """Return the same path with its view below a prefix of `lazy_patterns`."""
        view = self.lazy_view.lazy_prefixed(prefix)
        return LazyPath(self.pattern, view, self.default_args, self.name)

    def check(self) -> Any:
        """Check the route and the name, as Django does; the view is not asked."""
        pattern = URLPattern(self.pattern, self.lazy_view, self.default_args, self.name)
        return pattern.check()

    def resolve(self, path: Any) -> ResolverMatch | None:  # type: ignore[override]
        """Import the view if the path matches; answer as a URLPattern."""
        if self.pattern.match(path) is None:
            if _NAMES_NEED_A_PATTERN:
                raise Resolver404({"tried": [[_ListedPattern(self)]], "path": path})
            return None
        # Not self.load(): another thread may have made this a URLPattern meanwhile.
        LazyPath.load(self)
        return URLPattern.resolve(self, path)  # type: ignore[arg-type]

    def load(self) -> View:
        """Import the view and become a `URLPattern`; return the view."""
        view = self.lazy_view.lazy_load()
        # A thread that found a resolver here may be on its way to these.
        left_over = {
            "app_dict": {},
            "app_name": None,
            "default_kwargs": {},
            "namespace_dict": {},
            "reverse_dict": self.reverse_dict,
            "_callback_strs": self._callback_strs,
            "_populate": _do_nothing,
        }
        # A new dict, not an update: Python reads attributes faster from one that has
        # not grown.
        self.__dict__ = {**self.__dict__, **left_over, "callback": view}
        self.__class__ = URLPattern  # type: ignore[assignment]
        return view

    @property
    def callback(self) -> Any:  # type: ignore[override]
        """The view, for whoever takes this for a pattern."""
        return self.lazy_view.lazy_load_for_attribute()

    @property
    def url_patterns(self) -> Any:
        """The one pattern, for commands that list URLs."""
        return [_ListedPattern(self)]

    urlconf_name = urlconf_module = url_patterns

    @property
    def reverse_dict(self) -> Any:
        """The names of this path; Django computes the rest from `pattern`."""
        entry: tables.Entry = ([], "", self.default_args, {})
        names = [self.lazy_view] if self.name is None else [self.lazy_view, self.name]
        return MultiValueDict({name: [entry] for name in names})

    @property
    def _callback_strs(self) -> set[str]:
        return {self.lazy_view.lazy_name}


class _ListedPattern(URLPattern):
    """The pattern inside a lazy path; reading `callback` imports the view."""

    def __init__(self, path: LazyPath) -> None:
        self.pattern = RoutePattern("", name=path.name, is_endpoint=True)
        self.default_args = path.default_args
        self.name = path.name
        self.lazy_view = path.lazy_view

    @property
    def callback(self) -> Any:  # type: ignore[override]
        return self.lazy_view.lazy_load_for_attribute()


class LazyURLs:
    """A URLconf module that is imported when a URL below its prefix is wanted."""

    def __init__(self, name: str, app_name: str | None, place: Place) -> None:
        self.name = name
        self.app_name = app_name
        self.place = place

    def __repr__(self) -> str:
        return f"<lazy URLs {self.name!r}>"

    @property
    def urlpatterns(self) -> Any:
        """Its patterns: Django's own include() imports them at once."""
        module, _, _ = django_include(self.name)
        return getattr(module, "urlpatterns", module)


class LazyInclude(URLResolver):
    """An include whose URLconf is imported when its prefix or namespace is used."""

    def __init__(
        self,
        pattern: Any,
        urls: LazyURLs,
        default_kwargs: dict[str, Any] | None,
        app_name: str | None,
        namespace: str | None,
    ) -> None:
        super().__init__(pattern, urls.name, default_kwargs, app_name, namespace)
        self.lazy_urls = urls

    def check(self) -> Any:
        """Check the route; the URLconf is not imported."""
        return self.pattern.check()

    def load(self) -> None:
        """Import the URLconf and become a plain `URLResolver`."""
        if type(self) is not LazyInclude:
            return  # another thread, or a table that is behind
        module, app_name, namespace = django_include(self.lazy_urls.name)
        found: dict[str, Any] = {"urlconf_name": module, "urlconf_module": module}
        if self.app_name is None:
            # As Django does: the module's own namespace.
            found |= {"app_name": app_name, "namespace": namespace}
        self.__dict__.update(found)
        self.__class__ = URLResolver  # type: ignore[assignment]

    @property
    def urlconf_module(self) -> Any:
        """The URLconf."""
        LazyInclude.load(self)
        return self.urlconf_module

    @property
    def url_patterns(self) -> Any:
        """Its patterns."""
        if tables.is_namespace_check(depth=1):
            return []
        LazyInclude.load(self)
        return self.url_patterns

    def _populate(self) -> None:
        """Stay unread: the properties below decide."""

    @property
    def reverse_dict(self) -> Any:
        """Its names."""
        return MultiValueDict() if _is_unread(self) else self.reverse_dict

    @property
    def namespace_dict(self) -> Any:
        """Its namespaces."""
        return {} if _is_unread(self) else self.namespace_dict

    @property
    def app_dict(self) -> Any:
        """Its app names."""
        return {} if _is_unread(self) else self.app_dict


def _is_unread(include: LazyInclude) -> bool:
    """Tell whether a table is being filled that can do without it; else load it."""
    if include.app_name is None and tables.defer(include):
        return True
    LazyInclude.load(include)
    return False
