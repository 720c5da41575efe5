"""Read the history of a project from a real Redmine: ours beside python-redmine.

python-redmine reads the journals of one issue after the other. Both read through the same
proxy with a round trip of 50 ms, then without it, from the same Puma of two processes, in
turns. The goal is for the proxy; on loopback Ruby's time limits both, and `--one-process`
shows the same with a Puma that uses one core. Then requests of a second run are counted,
after some issues were changed.

Needs Debian's redmine and puma, and python-redmine (tox -e bench).
"""

from __future__ import annotations

import json
import logging
import math
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from redminelib import Redmine as PythonRedmine
from tests.redmine import ADMIN_KEY, Redmine, is_installed, prepared
from tests.redmine.delay import DelayProxy

from redmine_analytics import RedmineSource

ISSUES = 120
ROUNDS = 3
CONCURRENCIES = (4, 8, 16)
ROUND_TRIP_S = 0.05
GOAL = 5.0


def read_with_python_redmine(port):
    server = PythonRedmine(f"http://127.0.0.1:{port}", key=ADMIN_KEY)
    issues = server.issue.filter(project_id="devops", status_id="*")
    return sum(len(list(issue.journals)) for issue in issues)


def read_with_ours(port, concurrency):
    with tempfile.TemporaryDirectory() as folder:
        source = RedmineSource(
            f"http://127.0.0.1:{port}",
            key=ADMIN_KEY,
            project="devops",
            cache=Path(folder, "cache"),
            concurrency=concurrency,
        )
        return len(source.frames().transitions)


def timed(function, *arguments):
    started = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - started


def compare(port, title):
    """Print a table and return the best ratio."""
    kinds = {"python-redmine": (read_with_python_redmine, port)}
    for n in CONCURRENCIES:
        kinds[f"ours, concurrency {n}"] = (read_with_ours, port, n)
    times = {name: [] for name in kinds}
    for _ in range(ROUNDS):
        for name, (function, *arguments) in kinds.items():
            times[name].append(timed(function, *arguments))
    medians = {name: statistics.median(found) for name, found in times.items()}
    print(f"\n{title}: {ISSUES} issues, median of {ROUNDS}", flush=True)
    for name, seconds in medians.items():
        ratio = medians["python-redmine"] / seconds
        print(f"  {name:24} {seconds:7.2f} s  {ratio:5.1f}x")
    return {
        name: medians["python-redmine"] / seconds for name, seconds in medians.items()
    }


def count_second_run(server):
    """Return the requests of a run after some issues were changed, by endpoint."""
    with tempfile.TemporaryDirectory() as folder:
        source = RedmineSource(
            server.url, key=ADMIN_KEY, project="devops", cache=Path(folder, "cache")
        )
        source.frames()
        changed = range(1, 8)
        for number in changed:
            server.call("PUT", f"/issues/{number}.json", {"issue": {"done_ratio": 30}})
        source.frames()
        requests = dict(source.requests)
    print(f"\nsecond run after {len(changed)} changes, requests by endpoint")
    for path, count in sorted(requests.items()):
        print(f"  {count:4}  {path}")
    lists = math.ceil(len(changed) / 100)
    constant = sum(requests.values()) - len(changed) - lists
    print(f"  {len(changed)} changed + {lists} page + {constant} constant")
    return {
        "changed": len(changed),
        "read": requests["/issues/N"],
        "constant": constant,
    }


def measure(place, workers):
    """Return ratios behind the proxy and on loopback, and a second run's requests."""
    server = Redmine(prepared(issues=ISSUES), place, threads=16, workers=workers)
    name = f"Puma with {workers or 1} processes"
    try:
        with DelayProxy(server.port, ROUND_TRIP_S / 2) as proxy:
            far = compare(proxy.port, f"{name} behind 50 ms")
        return (
            far,
            compare(server.port, f"{name} on loopback"),
            count_second_run(server),
        )
    finally:
        server.stop()


def main():
    logging.disable(logging.WARNING)
    if not is_installed():
        print("Debian's redmine and puma are not installed: nothing is measured.")
        return
    with tempfile.TemporaryDirectory() as place:
        far, near, second = measure(Path(place), workers=2)
        if "--one-process" in sys.argv:
            measure(Path(place), workers=0)
    best = max(far, key=far.get)
    verdict = "reached" if far[best] >= GOAL else "MISSED"
    print(
        f"\ngoal: at least {GOAL}x behind 50 ms: {far[best]:.1f}x with {best}: {verdict}"
    )
    rounded = {name: round(ratio, 2) for name, ratio in far.items()}
    loopback = {name: round(ratio, 2) for name, ratio in near.items()}
    print(json.dumps({"far": rounded, "loopback": loopback, "second run": second}))


if __name__ == "__main__":
    main()
