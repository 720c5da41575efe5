"""Survey a URLconf: collect its lazy views, judge each, import nothing."""

from __future__ import annotations

import gc
from collections.abc import Iterator

from django.urls import get_resolver

from cbv_lazy_urls.loading import handlers, lazy_view_of, walk
from cbv_lazy_urls.patterns import LazyURLs
from cbv_lazy_urls.places import shortened
from cbv_lazy_urls.views import LazyView

from .modules import Cache, Facts, Modules, cache_file
from .verdicts import Judge, Problem, Target

__all__ = ["Survey", "survey_urlconf"]


def survey_urlconf(urlconf: str | None = None) -> Survey:
    """Judge every lazy view of a URLconf, ROOT_URLCONF without a name."""
    # The trees of parsed modules are many objects and no garbage: the collector would
    # look at them, and at all of Django, several times.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return _survey(urlconf)
    finally:
        if was_enabled:
            gc.enable()


def _survey(urlconf: str | None) -> Survey:
    resolver = get_resolver(urlconf)
    name = str(resolver.urlconf_name)
    file = getattr(resolver.urlconf_module, "__file__", None) or ""
    cache = Cache(cache_file([file, name]))
    survey = Survey(Modules(cache))
    for view in handlers(resolver):
        survey.add_view(target_of(view))

    def enter(urls: LazyURLs, load: object) -> bool:
        survey.add_urls(urls.name, urls.app_name, urls.place)
        return False

    for pattern in walk(resolver, enter):
        if (lazy_view := lazy_view_of(pattern)) is not None:
            survey.add_view(target_of(lazy_view))
    cache.save()
    return survey


def target_of(view: LazyView) -> Target:
    """Return what the static check has to know of a lazy view."""
    initkwargs = tuple(view.lazy_initkwargs)
    return Target(view.lazy_name, view.lazy_place, initkwargs, view.lazy_actions)


class Survey:
    """What was found.

    Attributes:
        problems: in the order of the URLconf.
        views: the number of lazy views.
        modules: the names of the modules that they are in.
    """

    def __init__(self, modules: Modules) -> None:
        self.problems: list[Problem] = []
        self.views = 0
        self.modules: set[str] = set()
        self._modules = modules
        self._judge = Judge(modules)
        self._seen_urls: set[str] = set()

    def add_view(self, target: Target) -> None:
        """Judge a view."""
        self.views += 1
        self.modules.add(target.name.rpartition(".")[0])
        self.problems += self._judge.judge(target)

    def add_urls(self, name: str, app_name: str | None, place: object) -> None:
        """Judge a lazy include, and from its source the lazy views in it."""
        found = self._judge.missing_module(name.split("."), name, place)
        if isinstance(found, Problem):
            self.problems.append(found)
        if isinstance(found, Problem) or found is None or name in self._seen_urls:
            return
        self._seen_urls.add(name)
        try:
            facts = self._modules.facts(name)
            if facts is None:
                return
            self.problems += _judge_app_name(facts, name, app_name, place)
        except SyntaxError as error:
            self.problems.append(self._judge.broken_module(name, name, place, error))
            return
        file = shortened(self._modules.file(name))
        for kind, line, *rest in facts.urls:
            where = f"{file}:{line}"
            if kind == "urls":
                inner, app = rest
                self.add_urls(inner, app[0] if app else None, where)
            else:
                view, initkwargs, actions = rest
                known = None if initkwargs is None else tuple(initkwargs)
                self.add_view(Target(view, where, known, actions))


def _judge_app_name(
    facts: Facts, module: str, app_name: str | None, place: object
) -> Iterator[Problem]:
    """Compare the app_name of an include with that of its module, if it is known."""
    if facts.get("urlpatterns") is None and not facts.is_open:
        text = f"{module!r} has no urlpatterns."
        yield Problem(3, place, text, "Name a URLconf module.")
        return
    fact = facts.get("app_name")
    known = fact[2] if fact and fact[0] == "literal" and len(fact) > 2 else None
    if known is not None and app_name not in {None, known}:
        text = f"{module!r} has app_name {known!r}, and the include {app_name!r}."
        yield Problem(7, place, text, f"Write app_name={known!r}.")
