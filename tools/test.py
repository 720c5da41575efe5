"""Run every suite in a process of its own and end with a table.

    python tools/test.py [--no-cov] [FOLDER ...] [-- PYTEST ARGUMENTS]

A FOLDER is a package, `packages` for all of them, `testproject`, `firmware` or `tools`;
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
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


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


def run(suite: str, arguments: list[str], *, has_coverage: bool) -> tuple[bool, float]:
    """Run one suite; return whether it passed, and its seconds."""
    source = ROOT / suite / "src"
    source = source if source.is_dir() else ROOT / suite
    command = [sys.executable, "-m", "pytest", suite, *arguments]
    # Most of the firmware runs on MicroPython, which coverage cannot see.
    if has_coverage and suite != "firmware":
        command += [f"--cov={source.relative_to(ROOT)}", "--cov-report=term"]
        command += ["--cov-branch", "--cov-config=pyproject.toml"]
    name = suite.rpartition("/")[2]
    started = time.perf_counter()
    print(f"\n== {suite}", flush=True)
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "COVERAGE_FILE": str(ROOT / f".coverage.{name}")},
        check=False,
    )
    return done.returncode == 0, time.perf_counter() - started


def missing_services() -> list[str]:
    """Return a line for each service that the tests had to do without."""
    lines = []
    if not os.environ.get("ELASTICSEARCH_URL"):
        lines.append("Elasticsearch: not there, the tests that need it were deselected")
    if not (os.environ.get("CHROMIUM") or shutil.which("chromium")):
        lines.append("Chromium: not there, the browser tests were deselected")
    return lines


def main(arguments: list[str]) -> int:
    """Run the suites; return 1 where one failed."""
    if not (os.environ.get("DATABASE_URL") or os.environ.get("DB_DEFAULT_URL")):
        sys.exit(
            "DATABASE_URL is not set; put this before the command:"
            " python -m ixdjango.services run --throw-away --"
        )
    ours, for_pytest = arguments, []
    if "--" in arguments:
        split = arguments.index("--")
        ours, for_pytest = arguments[:split], arguments[split + 1 :]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--no-cov", action="store_true", help="measure no coverage")
    parser.add_argument(
        "folders", nargs="*", help="a package, packages, testproject, firmware or tools"
    )
    options = parser.parse_args(ours)
    outcomes = {
        suite: run(
            suite,
            for_pytest,
            has_coverage=not (options.no_cov or for_pytest or suite == "tools"),
        )
        for suite in chosen_suites(options.folders)
    }
    print(f"\n{'suite':34} result  seconds")
    for suite, (passed, seconds) in outcomes.items():
        print(f"{suite:34} {'passed' if passed else 'FAILED':6} {seconds:8.1f}")
    for line in missing_services():
        print(line)
    return 0 if all(passed for passed, _ in outcomes.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
