from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.sites import environment

TESTS = Path(__file__).parent


def collect(ci: str) -> tuple[int, str]:
    """Return exit code and output of collecting all tests with no service there."""
    environ = environment(CI=ci, CHROMIUM="", PATH="", ELASTICSEARCH_URL="")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", TESTS, "--collect-only", "-q", "--no-cov"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_tests_without_their_service_are_left_out_and_counted() -> None:
    code, output = collect(ci="")

    assert code == 0
    assert "tests need ELASTICSEARCH_URL, which is not there: deselected." in output
    assert "tests need Chromium (CHROMIUM or on PATH), which is not there" in output
    assert "tests need redis-server on PATH, which is not there" in output
    assert "test_visitors" not in output
    assert "[elasticsearch" not in output
    assert "test_search.py" in output


def test_tests_without_their_service_fail_where_ci_is_true() -> None:
    code, output = collect(ci="true")

    assert code == pytest.ExitCode.USAGE_ERROR
    assert "with CI=true that is a failure" in output
