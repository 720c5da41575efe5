from __future__ import annotations

import io
import os
import sys

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import settings

# A deadline fails a slow machine, not wrong code.
settings.register_profile("fieldkit", deadline=None)
settings.load_profile("fieldkit")


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
