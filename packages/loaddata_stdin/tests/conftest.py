from __future__ import annotations

import io
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import post_save
from hypothesis import settings

from .django_suite.runs import started

# A deadline fails a slow machine, not wrong code.
settings.register_profile("fieldkit", deadline=None, max_examples=20)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fieldkit"))


def _is_of_django(item):
    return item.path.name == "test_django_suite.py"


# Not before pytest-randomly, which would shuffle them again.
@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Look last at what runs beside all others."""
    items.sort(key=_is_of_django)


@pytest.fixture(scope="session", autouse=True)
def runs_of_django(request):
    """Django's own tests, begun with the first of ours and run beside them."""
    if not any(map(_is_of_django, request.session.items)):
        yield {}
        return
    executor = ThreadPoolExecutor(1)
    yield started(executor, request.config.cache.mkdir("django"))
    executor.shutdown(cancel_futures=True)


@pytest.fixture(scope="session", autouse=True)
def _heeded_signals():
    """Let the programs of the tests heed signals, also below `nohup` and in `&` jobs.

    Those hand on ignored signals. One that is handled here is the default in what is
    started; we go on ignoring it.
    """
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda number, frame: None)


@pytest.fixture
def loaddata(monkeypatch):
    """Run the command with bytes (or a stream) as its standard input."""

    def run(content, *labels, **options):
        stream = content
        if isinstance(content, (bytes, str)):
            content = content.encode() if isinstance(content, str) else content
            # The locale of a C environment: the command must not depend on it.
            stream = io.TextIOWrapper(io.BytesIO(content), encoding="ascii")
        monkeypatch.setattr(sys, "stdin", stream)
        output = io.StringIO()
        call_command("loaddata", *(labels or "-"), stdout=output, **options)
        return output.getvalue()

    return run


@pytest.fixture
def environment():
    """The environment of a process that is to use the test database."""
    url, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    return {
        **os.environ,
        "DATABASE_URL": f"{url}/{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture(params=["bulk", "one by one"])
def way(request):
    """Write objects in bulk, or one by one since there is a receiver."""

    def receive(**_):
        pass

    if request.param == "one by one":
        post_save.connect(receive)
    yield request.param
    post_save.disconnect(receive)
