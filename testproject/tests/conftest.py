from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from ixdjango.environment import search_urls
from testproject.deploy import STEPS
from testproject.environment import search_backends
from tests.sites import Sites, drop_indexes

INDEX_PREFIX = f"fieldkit_test_{os.getpid()}_"
NEEDS = {
    "elasticsearch": ("ELASTICSEARCH_URL", bool(search_urls(os.environ))),
    "redis": ("redis-server on PATH", bool(shutil.which("redis-server"))),
    "browser": (
        "Chromium (CHROMIUM or on PATH)",
        bool(os.environ.get("CHROMIUM") or shutil.which("chromium")),
    ),
}
_LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    lines = config.stash.setdefault(_LEFT_OUT, [])
    for marker, (need, is_there) in NEEDS.items():
        without = [item for item in items if item.get_closest_marker(marker)]
        if is_there or not without:
            continue
        line = f"{len(without)} tests need {need}, which is not there"
        if os.environ.get("CI") == "true":
            raise pytest.UsageError(f"{line}; with CI=true that is a failure.")
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]
        lines.append(f"{line}: deselected.")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in terminalreporter.config.stash.get(_LEFT_OUT, []):
        terminalreporter.write_line(line, yellow=True)


@pytest.fixture(scope="session", autouse=True)
def _heeded_signals() -> None:
    """Let the programs of the tests heed signals, also below `nohup` and in `&` jobs.

    Those hand on ignored signals. One that is handled here is the default in what is
    started; we go on ignoring it.
    """
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda number, frame: None)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Fill the test database with the site's real content, once."""
    (pages,) = (step for step in STEPS if step.command == "import_pages")
    with django_db_blocker.unblock():
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("import_pages", *pages.arguments, verbosity=0)


@pytest.fixture(scope="session")
def elasticsearch(
    django_db_setup: None, django_db_blocker: Any
) -> Iterator[dict[str, Any]]:
    """Yield search settings of an Elasticsearch that holds the site's content."""
    backends = search_backends({**os.environ, "SEARCH_INDEX_PREFIX": INDEX_PREFIX})
    with (
        django_db_blocker.unblock(),
        override_settings(WAGTAILSEARCH_BACKENDS=backends),
    ):
        call_command("update_index", verbosity=0)
    yield backends
    drop_indexes(INDEX_PREFIX)


@pytest.fixture(
    params=[
        "database",
        pytest.param("elasticsearch", marks=pytest.mark.elasticsearch),
    ]
)
def back_end(request: pytest.FixtureRequest, db: None, settings: Any) -> str:
    """Search with each back end; the name of the one in use."""
    if request.param == "elasticsearch":
        settings.WAGTAILSEARCH_BACKENDS = request.getfixturevalue("elasticsearch")
    return request.param


@pytest.fixture(scope="session")
def sites(
    django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sites]:
    """Yield really running sites, each started when first asked for."""
    sites = Sites(tmp_path_factory.mktemp("sites"), django_db_blocker)
    yield sites
    sites.stop()
