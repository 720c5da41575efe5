"""A search server that does not answer: one clear error, or another back end's answer."""

from __future__ import annotations

import socket
import threading
from contextlib import closing
from datetime import date

import pytest
from django.core.management import call_command
from modelsearch import index
from modelsearch.backends import InvalidSearchBackendError, get_search_backend
from modelsearch.query import MATCH_ALL

from tests.conftest import DATABASE
from tests.testapp.models import Job
from wagtail_derived_fields.exceptions import SearchUnavailableError

ASKS = {
    "search": lambda found: list(found),
    "slice": lambda found: list(found[1:3]),
    "count": lambda found: found.count(),
    "facet": lambda found: found.facet("places"),
}


@pytest.fixture
def no_server():
    """The URL of a port where nothing listens."""
    with closing(socket.socket()) as port:
        port.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{port.getsockname()[1]}"


@pytest.fixture
def ailing_server():
    """The URL of a proxy whose server has stopped."""
    answer = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@pytest.fixture(params=["elasticsearch", "opensearch"])
def name(request):
    pytest.importorskip(
        {"elasticsearch": "elasticsearch", "opensearch": "opensearchpy"}[request.param]
    )
    return f"wagtail_derived_fields.search.{request.param}"


def use(settings, name, url, **options):
    options = {"BACKEND": name, "URLS": [url], "AUTO_UPDATE": False, **options}
    settings.MODELSEARCH_BACKENDS = {"default": options, "database": DATABASE}
    return get_search_backend()


@pytest.fixture
def jobs(db, settings):
    settings.MODELSEARCH_BACKENDS = {"default": DATABASE}
    Job.objects.bulk_create(
        Job(title=f"Gardener {places}", places=places, start_date=date(2026, 1, 1))
        for places in (1, 2, 2, 3)
    )
    call_command("rebuild_modelsearch_index", verbosity=0)
    return Job.objects.order_by("pk")


@pytest.mark.parametrize("ask", ASKS)
def test_it_is_one_clear_error(jobs, settings, name, no_server, ask):
    found = use(settings, name, no_server).search(MATCH_ALL, jobs)

    with pytest.raises(SearchUnavailableError, match="does not answer; start it, or"):
        ASKS[ask](found)


def test_a_proxy_that_says_so_is_the_same(jobs, settings, name, ailing_server):
    found = use(settings, name, ailing_server).search(MATCH_ALL, jobs)

    with pytest.raises(SearchUnavailableError):
        found.count()


@pytest.mark.parametrize("ask", ASKS)
@pytest.mark.parametrize("words", [MATCH_ALL, "gardener"])
def test_the_fallback_answers_if_there_is_one(
    jobs, settings, name, no_server, ask, words, caplog
):
    backend = use(settings, name, no_server, FALLBACK="database")
    jobs = jobs.filter(places__gt=1)
    options = {"order_by_relevance": False}

    answer = ASKS[ask](backend.search(words, jobs, **options))

    database = get_search_backend("database")
    assert answer == ASKS[ask](database.search(words, jobs, **options))
    assert answer
    assert "'database' answers instead" in caplog.text


def test_it_completes_words_as_well(jobs, settings, name, no_server, monkeypatch):
    completed = index.AutocompleteField("title")
    monkeypatch.setattr(Job, "search_fields", [*Job.search_fields, completed])
    call_command("rebuild_modelsearch_index", verbosity=0)
    backend = use(settings, name, no_server, FALLBACK="database")

    assert len(backend.autocomplete("gard", jobs)) == 4


def test_all_words_are_still_wanted(jobs, settings, name, no_server):
    backend = use(settings, name, no_server, FALLBACK="database")

    assert backend.search("gardener 3", jobs, operator="and").count() == 1


def test_a_fallback_that_is_down_as_well_is_the_same_error(
    jobs, settings, name, no_server
):
    backend = use(settings, name, no_server, FALLBACK="default")

    with pytest.raises(SearchUnavailableError):
        backend.search(MATCH_ALL, jobs).count()


def test_a_fallback_that_does_not_exist_shows_before_the_outage(
    jobs, settings, name, no_server
):
    with pytest.raises(InvalidSearchBackendError, match=r"'databse'; there are .* def"):
        use(settings, name, no_server, FALLBACK="databse")


@pytest.mark.elasticsearch
def test_what_a_server_that_runs_refuses_is_no_outage(
    jobs, settings, elasticsearch_backend
):
    from elasticsearch import NotFoundError

    options = {"INDEX_PREFIX": "not_there_", "FALLBACK": "database"}
    settings.MODELSEARCH_BACKENDS = {
        "default": {**elasticsearch_backend, **options, "AUTO_UPDATE": False},
        "database": DATABASE,
    }

    with pytest.raises(NotFoundError):
        get_search_backend().search(MATCH_ALL, jobs).count()
