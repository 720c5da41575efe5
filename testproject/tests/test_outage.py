"""What a visitor sees while Elasticsearch is down."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from testproject.environment import search_backends

PATHS = ["/jobs/", "/jobs/?q=water", "/search/?q=water", "/search/suggest/?q=wat"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def nowhere() -> Iterator[str]:
    """Yield the URL of a port where nothing listens."""
    pytest.importorskip("elasticsearch")
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{port.getsockname()[1]}"


@pytest.mark.parametrize("path", PATHS)
def test_the_page_says_so(
    client: Client, settings: Any, nowhere: str, path: str
) -> None:
    settings.WAGTAILSEARCH_BACKENDS = search_backends({"ELASTICSEARCH_URL": nowhere})

    answer = client.get(path)

    assert answer.status_code == 503
    assert "<h1>Search is down</h1>" in answer.text


@pytest.mark.parametrize("path", PATHS)
def test_the_database_answers_if_the_setting_allows_it(
    client: Client, settings: Any, nowhere: str, path: str
) -> None:
    settings.WAGTAILSEARCH_BACKENDS = search_backends({})
    expected = client.get(path)

    settings.WAGTAILSEARCH_BACKENDS = search_backends(
        {"ELASTICSEARCH_URL": nowhere, "SEARCH_FALLBACK": "database"}
    )

    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.text == expected.text


def test_other_pages_work_as_ever(client: Client, settings: Any, nowhere: str) -> None:
    settings.WAGTAILSEARCH_BACKENDS = search_backends({"ELASTICSEARCH_URL": nowhere})

    assert client.get("/").status_code == 200
