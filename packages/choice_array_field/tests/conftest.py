from __future__ import annotations

import datetime
import os
from importlib import metadata
from importlib.util import find_spec

import pytest

PREFIX = f"choice_array_field_test_{os.getpid()}_"
_LEFT_OUT = pytest.StashKey[list[str]]()


def elasticsearch_backend():
    major = metadata.version("elasticsearch").partition(".")[0]
    return {
        "BACKEND": f"modelsearch.backends.elasticsearch{major}",
        "URLS": os.environ["ELASTICSEARCH_URL"].split(","),
        "INDEX_PREFIX": PREFIX,
        "ATOMIC_REBUILD": False,
    }


def pytest_collection_modifyitems(config, items):
    without = [item for item in items if item.get_closest_marker("elasticsearch")]
    # Alone, the package has no client: it would have to be of the server's major.
    has_client = find_spec("elasticsearch") is not None
    if not without or (has_client and os.environ.get("ELASTICSEARCH_URL")):
        return
    need = "ELASTICSEARCH_URL" if has_client else "the client of Elasticsearch"
    line = f"{len(without)} tests need {need}, which is not there"
    if has_client and os.environ.get("CI") == "true":
        raise pytest.UsageError(f"{line}; with CI=true that is a failure.")
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in without]
    config.stash[_LEFT_OUT] = [f"{line}: deselected."]


def pytest_terminal_summary(terminalreporter):
    for line in terminalreporter.config.stash.get(_LEFT_OUT, []):
        terminalreporter.write_line(line, yellow=True)


@pytest.fixture(scope="session")
def elasticsearch_server():
    """Yield the settings of the server, and remove from it what the tests made."""
    backend = elasticsearch_backend()
    yield backend
    from elasticsearch import Elasticsearch

    with Elasticsearch(backend["URLS"]) as client:
        for name in client.indices.get(index=f"{PREFIX}*"):
            client.indices.delete(index=name)


@pytest.fixture
def elasticsearch(elasticsearch_server, settings):
    settings.WAGTAILSEARCH_BACKENDS = {"default": elasticsearch_server}


@pytest.fixture(
    params=[
        "database",
        "database.fallback",
        pytest.param("elasticsearch", marks=pytest.mark.elasticsearch),
    ]
)
def back_end(request, settings):
    """Search with each back end; the name of the one in use."""
    if request.param == "elasticsearch":
        request.getfixturevalue("elasticsearch")
    else:
        settings.WAGTAILSEARCH_BACKENDS = {
            "default": {
                "BACKEND": f"modelsearch.backends.{request.param}",
                "SEARCH_CONFIG": "simple",  # The words as they are.
            }
        }
    return request.param


@pytest.fixture
def items(db):
    """Make four items, each with other members; the last has none."""
    from tests.shop.models import Flag, Item, Size

    made = [
        Item(title="A", flags=[Flag.DEFECT], sizes=[Size.SMALL]),
        Item(title="B", flags=[Flag.DEFECT, Flag.DOCS], weights=["1.50"]),
        Item(title="C", flags=[Flag.DOCS], days=[datetime.date(2026, 9, 1)]),
        Item(title="D", sizes=[]),
    ]
    return Item.objects.bulk_create(made)
