"""Tell browsers what a page may load: the Content-Security-Policy of the settings.

Django has a middleware for this since 6.0, but one policy for all of a site. The admin
of Wagtail needs a wider one than visitors do, and Django 5.2 is supported as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse

__all__ = ["ContentPolicyMiddleware", "header_value"]

HEADER = "Content-Security-Policy"


def header_value(policy: Mapping[str, Sequence[str]]) -> str:
    """Return the header for a policy: its directives, each with its sources."""
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items())


class ContentPolicyMiddleware:
    """Sends `ADMIN_CONTENT_POLICY` below `ADMIN_PATH`, else `CONTENT_POLICY`.

    A view that sets the header itself keeps its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._public = header_value(settings.CONTENT_POLICY)
        self._admin = header_value(settings.ADMIN_CONTENT_POLICY)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the site answer, and add the header."""
        response = self.get_response(request)
        is_admin = request.path_info.startswith(settings.ADMIN_PATH)
        response.headers.setdefault(HEADER, self._admin if is_admin else self._public)
        return response
