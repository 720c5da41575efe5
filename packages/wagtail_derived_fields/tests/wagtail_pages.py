"""Derived fields on pages: run by tests/test_wagtail.py in a process with Wagtail.

Its name keeps it out of the other suite, whose settings have no Wagtail.
"""

from __future__ import annotations

import datetime
import os

import pytest
from django.core.management import call_command
from django.test import override_settings
from modelsearch.backends import get_search_backend
from modelsearch.query import MATCH_ALL
from wagtail.models import Locale, Page

from tests.wagtailapp.models import JobPage

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 1, 1)


@pytest.fixture
def pages():
    Locale.objects.get_or_create(language_code="en")
    root = Page.add_root(instance=Page(title="Root", slug="root"))
    return [
        root.add_child(
            instance=JobPage(title=f"job {months}", start_date=DAY, end_date=end)
        )
        for months, end in [
            ("short", datetime.date(2026, 3, 1)),
            ("long", datetime.date(2027, 9, 1)),
            ("open", None),
        ]
    ]


def titles(results):
    return [page.title for page in results]


def test_pages_are_filtered_ordered_and_counted(pages):
    backend = get_search_backend()
    jobs = JobPage.objects.filter(duration__range=(1, 24)).order_by("-duration")

    found = jobs.search(MATCH_ALL, order_by_relevance=False)

    assert titles(found) == ["job long", "job short"]
    assert dict(backend.search(MATCH_ALL, JobPage).facet("duration")) == {
        None: 1,
        2: 1,
        20: 1,
    }
    assert titles(JobPage.objects.filter(duration=20).search("long")) == ["job long"]


def test_a_page_is_copied_with_its_revisions(pages):
    copy = pages[0].copy(update_attrs={"title": "copy", "slug": "copy"})

    assert copy.duration == 2
    copy.end_date = datetime.date(2026, 7, 1)
    copy.save_revision().publish()
    assert JobPage.objects.get(pk=copy.pk).duration == 6
    assert copy.get_latest_revision_as_object().duration == 6


@pytest.mark.elasticsearch
def test_the_same_with_elasticsearch_and_update_index(pages):
    options = {
        "BACKEND": "wagtail_derived_fields.search.elasticsearch",
        "URLS": os.environ["ELASTICSEARCH_URL"].split(","),
        "INDEX_PREFIX": f"derived_pages_{os.getpid()}_",
    }
    with override_settings(WAGTAILSEARCH_BACKENDS={"default": options}):
        backend = get_search_backend()
        try:
            call_command("update_index", verbosity=0)
            backend.refresh_indexes()
            test_pages_are_filtered_ordered_and_counted(pages)
        finally:
            for index in backend.es.indices.get(index=f"{options['INDEX_PREFIX']}*"):
                backend.es.indices.delete(index=index)


def test_no_migration_is_needed():
    call_command("makemigrations", "wagtailapp", dry_run=True, verbosity=0)
    assert "duration" not in {
        field.name for field in JobPage._meta.local_concrete_fields
    }
