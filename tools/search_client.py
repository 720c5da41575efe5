"""Install the Python client of the Elasticsearch that is there: they share their major.

    python tools/search_client.py [--required]

Without an Elasticsearch nothing is done; with --required that is an error.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SUPPORTED = (8, 9)
EXPLAIN = ("-m", "ixdjango.services", "explain", "--services", "elasticsearch")


def main(*, is_required: bool) -> int | str:
    """Return the exit code, or why there is no client to install."""
    explained = subprocess.run(
        [sys.executable, *EXPLAIN, "--json"], cwd=ROOT, stdout=subprocess.PIPE
    )
    if not explained.stdout:
        return 1  # It said why.
    report = json.loads(explained.stdout)["elasticsearch"]
    major = report["major"]
    if major in SUPPORTED:
        uv = Path(sys.executable).with_name("uv")
        sync = ["sync", "--locked", "--inexact", "--quiet", "--group", f"es{major}"]
        return subprocess.run([uv, *sync], cwd=ROOT).returncode
    if major:
        versions = " and ".join(map(str, SUPPORTED))
        return (
            f"error: the Elasticsearch of ELASTICSEARCH_URL is version {major};"
            f" name one of version {versions}, or unset it to have one started."
        )
    if report["problem"]:
        return f"error: {report['problem']}"
    if is_required:
        reasons = "; ".join(item["why"] for item in report["rejected"])
        return (
            f"error: there is no Elasticsearch: {reasons}. Mend one of these, or leave"
            " out SEARCH=elasticsearch to search with the database."
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(is_required="--required" in sys.argv[1:]))
