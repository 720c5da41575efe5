"""Run every benchmark, one after the other: python tools/bench.py [FOLDER ...]."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(folders: list[str]) -> int:
    """Run them all; return 1 where one could not run. A missed goal is no failure."""
    scripts = sorted(ROOT.glob("packages/*/benchmarks/*.py"))
    scripts += sorted(ROOT.glob("firmware/benchmarks/*.py"))
    scripts += sorted(ROOT.glob("testproject/benchmarks/*.py"))
    wanted = [ROOT / folder for folder in folders]
    if wanted:
        scripts = [script for script in scripts if {*script.parents} & {*wanted}]
    failed = False
    for script in scripts:
        print(f"\n== {script.relative_to(ROOT)}", flush=True)
        failed |= bool(subprocess.run([sys.executable, script], cwd=ROOT).returncode)
    return int(failed or not scripts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
