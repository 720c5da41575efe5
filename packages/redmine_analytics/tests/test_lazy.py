from __future__ import annotations

import subprocess
import sys

import pytest

import redmine_analytics

STARTS = """
import sys
import django
from django.conf import settings
settings.configure(INSTALLED_APPS=["redmine_analytics"])
django.setup()
from django.core.management import call_command
call_command("check")
assert "redmine_analytics.models" in sys.modules
print([name for name in ("pandas", "numpy", "matplotlib") if name in sys.modules])
"""


def test_a_site_that_has_the_app_installed_starts_without_pandas():
    started = subprocess.run(
        [sys.executable, "-c", STARTS],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert started.stdout.splitlines()[-1] == "[]"


def test_every_public_name_is_there():
    for name in redmine_analytics.__all__:
        assert getattr(redmine_analytics, name).__name__ == name
    assert set(redmine_analytics.__all__) <= set(dir(redmine_analytics))


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'velocty'"):
        redmine_analytics.velocty  # noqa: B018
