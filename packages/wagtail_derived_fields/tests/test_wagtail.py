"""The suite of pages, in a process of its own: a site has one search app."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest


@pytest.mark.skipif(find_spec("wagtail") is None, reason="Wagtail is an extra")
def test_pages():
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "tests/wagtail_pages.py"),
            *(
                "--ds",
                "tests.wagtail_settings",
                "--no-migrations",
                "-p",
                "no:cacheprovider",
            ),
        ],
        cwd=Path(__file__).parents[1],
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
