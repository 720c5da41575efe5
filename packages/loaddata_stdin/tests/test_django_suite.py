"""Django's own tests of loaddata, from its source distribution, pass with this command."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from .django_suite.runs import DATABASES, WAYS


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("database", DATABASES)
def test_the_tests_of_django_pass(runs_of_django, database, way):
    try:
        done = runs_of_django[database, way].result()
    except (OSError, subprocess.CalledProcessError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"the source of Django cannot be downloaded: {error}")

    assert done.returncode == 0, done.stderr
    run, piped = map(int, re.findall(r"(\d+) (?:run|fixtures piped)", done.stdout))
    assert run > 250
    assert piped > 80 if way == "pipe" else piped == 0
