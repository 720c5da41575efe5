"""Search of the whole site, and suggestions while somebody types."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.models import Page, PageQuerySet

from jobs.models import Job, JobListPage
from people.models import PeoplePage, Person

__all__ = ["search", "suggest"]

PAGES_AT_ONCE = 10
JOBS_SHOWN = 5
SUGGESTIONS = 8


class SearchForm(forms.Form):
    """What the visitor types."""

    q = forms.CharField(required=False, max_length=100)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show the pages, people and open jobs that hold all the words of `q`."""
    query = _query(request)
    context: dict[str, Any] = {"query": query}
    if query:
        found = _pages().specific().search(query, operator="and")
        pages = Paginator(found, PAGES_AT_ONCE).get_page(request.GET.get("page"))
        jobs = Job.objects.open().search(
            query, operator="and", order_by_relevance=False
        )
        context |= {
            "pages": pages,
            "jobs": jobs[:JOBS_SHOWN],
            "job_count": jobs.count(),
            "job_list": JobListPage.objects.live().first(),
            "people": Person.objects.all().search(
                query, operator="and", order_by_relevance=False
            ),
            "people_page": PeoplePage.objects.live().first(),
        }
    return render(request, "search/search.html", context)


@require_safe
def suggest(request: HttpRequest) -> JsonResponse:
    """Return titles and names with a word that begins with `q`."""
    titles: list[str] = []
    if query := _query(request):
        for found in (_pages(), Job.objects.open(), Person.objects.all()):
            matches = found.autocomplete(query, operator="and")[:SUGGESTIONS]
            titles += map(str, matches)
    return JsonResponse({"suggestions": list(dict.fromkeys(titles))[:SUGGESTIONS]})


def _query(request: HttpRequest) -> str:
    form = SearchForm(request.GET)
    return form.cleaned_data["q"] if form.is_valid() else ""


def _pages() -> PageQuerySet:
    return Page.objects.live().public().filter(depth__gt=1)
