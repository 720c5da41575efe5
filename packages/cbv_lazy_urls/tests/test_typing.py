from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]


def test_mypy_knows_what_a_urls_py_may_say(tmp_path):
    pytest.importorskip("mypy_django_plugin", reason="django-stubs is not installed")

    environ = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--cache-dir", tmp_path),
            *("--config-file", "tests/typing/mypy.ini", "-p", "tests.typing"),
        ],
        cwd=PACKAGE,
        env=environ,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.stdout == "Success: no issues found in 2 source files\n", done.stderr
