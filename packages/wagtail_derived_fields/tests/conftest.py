from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

PREFIX = f"derived_fields_test_{os.getpid()}_"
DATABASE = {"BACKEND": "wagtail_derived_fields.search.database"}
_LEFT_OUT = pytest.StashKey[list[str]]()


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
def elasticsearch_backend():
    """The settings of the server; what the tests made there is removed at the end."""
    from elasticsearch import Elasticsearch

    urls = os.environ["ELASTICSEARCH_URL"].split(",")
    yield {
        "BACKEND": "wagtail_derived_fields.search.elasticsearch",
        "URLS": urls,
        "INDEX_PREFIX": PREFIX,
    }
    with Elasticsearch(urls) as client:
        for name in client.indices.get(index=f"{PREFIX}*"):
            client.indices.delete(index=name)
