"""System checks: mistakes in lazy URLs, found by `manage.py check` without imports."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.management.commands import check as check_command
from django.urls import get_resolver

from .loading import lazy_urls_of, lazy_view_of, walk
from .patterns import LazyInclude, LazyPath

__all__ = ["check_lazy_urls"]


def check_lazy_urls(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the lazy URLs of ROOT_URLCONF.

    Django runs checks also when a server or worker starts, and before most commands.
    There they would only cost time: this runs for the command `check` alone.
    """
    if app_configs or not _is_check_command():
        return []
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    # Not at the top: a server or worker starts without what only `check` needs.
    from .analysis import survey_urlconf

    errors = [
        Error(
            problem.text,
            problem.hint,
            obj=str(problem.place),
            id=f"cbv_lazy_urls.E{problem.number:03}",
        )
        for problem in survey_urlconf().problems
    ]
    return [*errors, *_eager_paths()]


def _is_check_command() -> bool:
    """Tell whether the command `check` is running, by its frame.

    Neither the arguments of a check nor sys.argv (call_command, celery) say so.
    """
    frame = sys._getframe()
    while frame := frame.f_back:  # type: ignore[assignment]
        if frame.f_code is check_command.Command.handle.__code__:
            return True
    return False


def _eager_paths() -> list[CheckMessage]:
    """Warn of lazy objects in Django's own path(), which imports them early."""
    messages: list[CheckMessage] = []
    for pattern in walk(get_resolver(), lambda urls, load: False):
        if isinstance(pattern, LazyInclude | LazyPath):
            continue
        view, urls = lazy_view_of(pattern), lazy_urls_of(pattern)
        if place := view.lazy_place if view else urls.place if urls else None:
            text = (
                f"{view or urls!r} stands in a path() of django.urls, which imports it"
                " at the first reverse()."
            )
            hint = "Import path, re_path and include from cbv_lazy_urls."
            messages.append(
                Warning(text, hint, obj=str(place), id="cbv_lazy_urls.W001")
            )
    return messages
