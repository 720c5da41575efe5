"""Run every suite in a process of its own and end with a table.

    python tools/test.py [--no-cov] [--jobs N] [FOLDER ...] [-- PYTEST ARGUMENTS]

Suites run side by side, as many as there are processors and four at most; what one
prints is shown when it ends. A FOLDER is a package, `packages` for all of them, `testproject`, `firmware` or `tools`;
without any, all suites run. Each has settings and a `tests` of its own, so they cannot
share a process. Coverage is measured of whole suites: not with arguments for pytest,
which may choose tests.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOST_JOBS = 4  # They share one PostgreSQL and one Elasticsearch.
LONGEST = "testproject"  # It begins first, so that nothing waits for it in the end.


def chosen_suites(folders: list[str]) -> list[str]:
    """Return the suites in the named folders, relative to the root."""
    tests = [*sorted(ROOT.glob("packages/*/tests"))]
    tests += [ROOT / name / "tests" for name in ("testproject", "firmware", "tools")]
    suites = [path.parent.relative_to(ROOT).as_posix() for path in tests]
    wanted = [folder.rstrip("/") for folder in folders] or [
        "packages",
        "testproject",
        "firmware",
        "tools",
    ]
    chosen = []
    for folder in wanted:
        found = [name for name in suites if f"{name}/".startswith(f"{folder}/")]
        if not found:
            sys.exit(f"{folder} holds no suite; there are {', '.join(suites)}.")
        chosen += found
    return chosen


def run(
    suite: str, arguments: list[str], *, has_coverage: bool, is_alone: bool
) -> tuple[bool, float]:
    """Run one suite; return whether it passed, and its seconds.

    Args:
        suite: its folder.
        arguments: for pytest.
        has_coverage: whether coverage is measured.
        is_alone: whether no other suite runs, so that the output can be shown at once.
    """
    source = ROOT / suite / "src"
    source = source if source.is_dir() else ROOT / suite
    command = [sys.executable, "-m", "pytest", suite, *arguments]
    # Most of the firmware runs on MicroPython, which coverage cannot see.
    if has_coverage and suite != "firmware":
        command += [f"--cov={source.relative_to(ROOT)}", "--cov-report=term"]
        command += ["--cov-branch", "--cov-config=pyproject.toml"]
    name = suite.rpartition("/")[2]
    started = time.perf_counter()
    print(f"\n== {suite}" if is_alone else f"== {suite} begins", flush=True)
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "COVERAGE_FILE": str(ROOT / f".coverage.{name}")},
            stdout=None if is_alone else output,
            stderr=None if is_alone else subprocess.STDOUT,
            check=False,
        )
        output.seek(0)
        if not is_alone:
            print(f"\n== {suite}\n{output.read().decode(errors='replace')}", flush=True)
    return done.returncode == 0, time.perf_counter() - started


def _run_chosen(
    options: argparse.Namespace, for_pytest: list[str], is_alone: bool, suite: str
) -> tuple[bool, float]:
    has_coverage = not (options.no_cov or for_pytest or suite == "tools")
    return run(suite, for_pytest, has_coverage=has_coverage, is_alone=is_alone)


def missing_services() -> list[str]:
    """Return a line for each service that the tests had to do without."""
    lines = []
    if not os.environ.get("ELASTICSEARCH_URL"):
        lines.append("Elasticsearch: not there, the tests that need it were deselected")
    if not (os.environ.get("CHROMIUM") or shutil.which("chromium")):
        lines.append("Chromium: not there, the browser tests were deselected")
    if not shutil.which("redis-server"):
        lines.append("Redis: not there, the tests of several workers were deselected")
    return lines


def main(arguments: list[str]) -> int:
    """Run the suites; return 1 where one failed."""
    if not (os.environ.get("DATABASE_URL") or os.environ.get("DB_DEFAULT_URL")):
        sys.exit(
            "DATABASE_URL is not set; put this before the command:"
            " python -m dev_services run --throw-away --"
        )
    ours, for_pytest = arguments, []
    if "--" in arguments:
        split = arguments.index("--")
        ours, for_pytest = arguments[:split], arguments[split + 1 :]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--no-cov", action="store_true", help="measure no coverage")
    parser.add_argument(
        "--jobs",
        type=int,
        default=min(os.cpu_count() or 1, MOST_JOBS),
        metavar="N",
        help="how many suites run side by side",
    )
    parser.add_argument(
        "folders", nargs="*", help="a package, packages, testproject, firmware or tools"
    )
    options = parser.parse_args(ours)
    suites = chosen_suites(options.folders)
    is_alone = options.jobs < 2 or len(suites) < 2  # two are company
    one = partial(_run_chosen, options, for_pytest, is_alone)
    order = sorted(suites, key=lambda suite: suite != LONGEST)
    with ThreadPoolExecutor(max(options.jobs, 1)) as executor:
        done = dict(zip(order, executor.map(one, order), strict=True))
    outcomes = {suite: done[suite] for suite in suites}
    print(f"\n{'suite':34} result  seconds")
    for suite, (passed, seconds) in outcomes.items():
        print(f"{suite:34} {'passed' if passed else 'FAILED':6} {seconds:8.1f}")
    for line in missing_services():
        print(line)
    return 0 if all(passed for passed, _ in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
