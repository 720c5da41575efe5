"""A page that says so when the search server is down."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from wagtail_derived_fields.exceptions import SearchUnavailableError

__all__ = ["SearchOutageMiddleware"]


class SearchOutageMiddleware:
    """Answers 503 with the site's own page where a search cannot be made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the site answer."""
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        """Return the page for an outage, also where it is met in a template."""
        if not isinstance(exception, SearchUnavailableError):
            return None
        return render(
            request, "search/unavailable.html", status=HTTPStatus.SERVICE_UNAVAILABLE
        )
