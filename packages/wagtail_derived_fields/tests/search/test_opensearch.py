"""The query for OpenSearch is the one that Elasticsearch gets: it is compiled, not sent."""

from __future__ import annotations

import datetime
import json
from importlib.util import find_spec

import pytest
from django.db.models import Q
from modelsearch.backends import get_search_backend
from modelsearch.query import MATCH_ALL

from tests.testapp.models import Job

pytest.importorskip("opensearchpy")


@pytest.fixture
def backend():
    return get_search_backend("wagtail_derived_fields.search.opensearch")


def test_conditions_and_order_are_compiled(backend):
    jobs = Job.objects.filter(
        Q(duration__range=(3, 12)) | ~Q(days__lt=datetime.timedelta(days=1)),
        rate__in=[None, 3],
        load__lt=2**40,
    ).order_by("-duration")

    results = backend.search(MATCH_ALL, jobs, order_by_relevance=False)
    body = results._get_es_body()

    assert body["sort"] == [
        {"duration_filter": {"order": "desc", "missing": "_first"}},
        {"_pk_number": "asc"},
    ]
    text = json.dumps(body["query"])
    assert '{"range": {"duration_filter": {"gte": 3, "lte": 12}}}' in text
    assert '{"range": {"days_filter": {"lt": 86400000000}}}' in text
    assert '{"terms": {"rate_filter": [3]}}' in text
    assert '{"match_all": {}}' in text


def test_derived_values_are_mapped(backend):
    properties = backend.mapping_class(Job).get_mapping()["properties"]

    types = {name: properties[f"{name}_filter"]["type"] for name in ("days", "is_long")}
    assert types == {"days": "long", "is_long": "boolean"}


@pytest.mark.skipif(
    find_spec("elasticsearch") is None, reason="compares with its query"
)
@pytest.mark.django_db
def test_it_is_the_query_of_elasticsearch(backend):
    other = get_search_backend("wagtail_derived_fields.search.elasticsearch")
    jobs = Job.objects.exclude(duration__gt=3).filter(is_long=False).order_by("load")

    bodies = [
        each.search("oak", jobs, order_by_relevance=False)._get_es_body()
        for each in (backend, other)
    ]

    assert bodies[0] == bodies[1]
