from __future__ import annotations

import sys

import pytest

from dev_services.exceptions import ServiceError
from dev_services.machine.programs import call


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_program_reads_its_input_and_its_output_is_returned():
    assert call(python("print(input())"), stdin="text") == "text\n"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        pytest.param("one\nError: two\nhelp", "Error: two", id="an error"),
        pytest.param("one\ntwo", "two", id="the last line"),
        pytest.param("\x1b[0m[ERROR] x", r"\[ERROR\] x", id="in colour"),
        pytest.param("", "it gives no reason", id="nothing"),
    ],
)
def test_a_failure_is_told_by_the_line_that_says_most(said, reason):
    with pytest.raises(ServiceError, match=f"failed: {reason}$"):
        call(python(f"print({said!r}); exit(1)"))


def test_a_program_that_does_not_end_is_killed():
    with pytest.raises(ServiceError, match=r"has not ended after 0\.2 s"):
        call(python("import signal; signal.pause()"), timeout_s=0.2)


def test_a_program_that_is_not_there_is_named():
    with pytest.raises(ServiceError, match="/no/program cannot be run: No such file"):
        call(["/no/program"])
