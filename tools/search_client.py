"""Install the Python client of the Elasticsearch that is there: they share their major.

    python tools/search_client.py [--required]

Without an Elasticsearch nothing is done; with --required that is an error.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SUPPORTED = (8, 9)
EXPLAIN = ("-m", "dev_services", "explain", "--services", "elasticsearch")


def problem_of(report: dict[str, Any], *, is_required: bool) -> str | None:
    """Return why there is no client to install for what `explain` reports."""
    if (major := report["major"]) and major not in SUPPORTED:
        versions = " or ".join(map(str, SUPPORTED))
        return (
            f"the Elasticsearch of ELASTICSEARCH_URL has version {major};"
            f" name one of version {versions}, or unset it to have one started."
        )
    if not major and report["problem"]:
        return str(report["problem"])
    if not major and is_required:
        reasons = "; ".join(item["why"] for item in report["rejected"])
        return (
            f"there is no Elasticsearch: {reasons}. Mend one of these, or leave out"
            " SEARCH=elasticsearch to search with the database."
        )
    return None


def main(*, is_required: bool) -> int | str:
    """Install the client; return the exit code, or what is wrong."""
    explained = subprocess.run(
        [sys.executable, *EXPLAIN, "--json"], cwd=ROOT, stdout=subprocess.PIPE
    )
    if not explained.stdout:
        return 1  # It said why.
    report = json.loads(explained.stdout)["elasticsearch"]
    if problem := problem_of(report, is_required=is_required):
        return f"error: {problem}"
    if not report["major"]:
        return 0
    uv, group = Path(sys.executable).with_name("uv"), f"es{report['major']}"
    sync = ["sync", "--locked", "--inexact", "--quiet", "--group", group]
    return subprocess.run([uv, *sync], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(is_required="--required" in sys.argv[1:]))
