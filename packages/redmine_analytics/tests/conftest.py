from __future__ import annotations

import os

import pytest
from hypothesis import settings

from redmine_analytics import RedmineSource

from .redmine import Redmine, is_installed, prepared
from .redmine.fake import FakeRedmine

settings.register_profile("fieldkit", deadline=None, max_examples=50)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fieldkit"))
_LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_collection_modifyitems(config, items):
    without = [item for item in items if item.get_closest_marker("redmine")]
    # tox repeats the suite for each version; Redmine's answers are the same for all.
    is_row = "TOX_ENV_NAME" in os.environ
    if not without or (is_installed() and not is_row):
        return
    if is_row:
        _leave_out(config, items, without, f"{len(without)} tests are of make test")
        return
    line = f"{len(without)} tests need Debian's redmine and puma, which are not there"
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"{line}; with CI=true that is a failure.")
    _leave_out(config, items, without, line)


def _leave_out(config, items, without, line):
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if item not in without]
    config.stash[_LEFT_OUT] = [f"{line}: deselected."]


def pytest_terminal_summary(terminalreporter):
    for line in terminalreporter.config.stash.get(_LEFT_OUT, []):
        terminalreporter.write_line(line, yellow=True)


@pytest.fixture(scope="session")
def running_redmine(tmp_path_factory):
    """One real Redmine for the whole session."""
    server = Redmine(prepared(), tmp_path_factory.mktemp("redmine"))
    yield server
    server.stop()


@pytest.fixture
def redmine(running_redmine):
    """The real Redmine with its seeded content."""
    running_redmine.reset()
    return running_redmine


@pytest.fixture
def fake():
    """Redmine's protocol over recorded answers, without a Redmine."""
    with FakeRedmine() as server:
        yield server


@pytest.fixture
def make_source(fake, tmp_path):
    """Sources of the recorded project, with one cache unless told otherwise."""

    def make(**options):
        defaults = {"key": fake.key, "project": "devops", "cache": tmp_path / "cache"}
        return RedmineSource(fake.url, **{**defaults, **options})

    return make


@pytest.fixture
def source(make_source):
    return make_source()
