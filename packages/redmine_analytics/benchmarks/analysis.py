"""The whole analysis of 5,000 issues and 40,000 journals: CPU time and memory.

The data are as Redmine's JSON, in a cache file; measured is what a second run does without
a network: read the cache, build the frames, compute every section of the report and draw
every chart. The peer is the part that nobody can leave out: parsing the same JSON.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.histories import STATUSES, sprint

from redmine_analytics.frames import build_frames
from redmine_analytics.read.cache import Cache
from redmine_analytics.report.options import ReportOptions
from redmine_analytics.report.sections import build_report

ISSUES = 5_000
JOURNALS = 8  # of each issue
GOALS = {"CPU s": 5.0, "MB": 500}
START = datetime(2025, 1, 6, 9, tzinfo=timezone.utc)
NAMES = {"id": 1, "name": "Devops"}
READ_AT = datetime(2026, 7, 31, 12, tzinfo=timezone.utc)


def text(time):
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def make_issue(number, generator):
    """Return an issue with eight journals: moves, points, a version, progress."""
    created = START + timedelta(minutes=number * 150)
    at, journals = created, []
    changes = [
        ("attr", "status_id", "1", "2"),
        ("attr", "done_ratio", "0", "30"),
        ("attr", "status_id", "2", "3"),
        ("cf", "1", "3", "5"),
        ("attr", "status_id", "3", "2"),
        ("attr", "fixed_version_id", "1", str(1 + number // 100)),
        ("attr", "done_ratio", "30", "90"),
        ("attr", "status_id", "2", "4"),
    ]
    for i, change in enumerate(changes[:JOURNALS]):
        at += timedelta(hours=generator.randrange(1, 30))
        if at > READ_AT:
            break
        keys = ("property", "name", "old_value", "new_value")
        journals.append(
            {
                "id": number * 10 + i,
                "user": {"id": generator.randrange(9), "name": "Somebody"},
                "notes": "A comment of some words. " * 4,
                "created_on": text(at),
                "details": [dict(zip(keys, change, strict=True))],
            }
        )
    moves = [d for j in journals for d in j["details"] if d["name"] == "status_id"]
    status = int(moves[-1]["new_value"]) if moves else 1
    return {
        "id": number,
        "project": NAMES,
        "tracker": NAMES,
        "priority": NAMES,
        "author": NAMES,
        "assigned_to": NAMES,
        "status": {"id": status},
        "subject": f"Card {number}",
        "description": "What is to be done, and why. " * 10,
        "fixed_version": {"id": 1 + number // 100, "name": "?"},
        "estimated_hours": float(number % 13),
        "custom_fields": [{"id": 1, "name": "Story Points", "value": "5"}],
        "created_on": text(created),
        "updated_on": text(at),
        "closed_on": None,
        "journals": journals,
    }


def fill(file):
    generator = random.Random(1)
    issues = [make_issue(number, generator) for number in range(1, ISSUES + 1)]
    for issue in issues:
        status = next(s for s in STATUSES if s["id"] == issue["status"]["id"])
        issue["status"] = status
    versions = []
    for number in range(1, ISSUES // 100 + 2):
        due = START + timedelta(days=number * 11)
        versions.append({**sprint(number, 1), "due_date": f"{due:%Y-%m-%d}"})
    entries = [
        {
            "id": n,
            "issue": {"id": 1 + n % ISSUES},
            "project": NAMES,
            "user": NAMES,
            "activity": NAMES,
            "hours": 1.5,
            "comments": "",
            "spent_on": "2026-01-05",
            "created_on": text(START),
        }
        for n in range(1, 10_001)
    ]
    cache = Cache(file, "https://redmine.example devops")
    cache.note_listed(issues)
    cache.keep((issue, True) for issue in issues)
    cache["read_at"] = READ_AT.isoformat()
    for name, rows in (
        ("issue_statuses", STATUSES),
        ("versions", versions),
        ("time_entries", entries),
    ):
        cache.replace_list(name, rows)
    cache.close()
    return sum(len(issue["journals"]) for issue in issues)


def measured(work):
    """Return CPU seconds and the peak of memory in MB of work in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        work()
        usage = resource.getrusage(resource.RUSAGE_SELF)
        found = [usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6]
        os.write(writing, json.dumps(found).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        found = json.load(stream)
    os.waitpid(child, 0)
    return found


def main():
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "cache")
        filler = os.fork()
        if not filler:
            count = fill(file)
            Path(folder, "count").write_text(str(count))
            os._exit(0)
        os.waitpid(filler, 0)
        journals = int(Path(folder, "count").read_text())
        options = ReportOptions("https://redmine.example", discarded=("Rejected",))

        def parse():
            cache = Cache(file, "https://redmine.example devops")
            cache.record()

        def frames():
            cache = Cache(file, "https://redmine.example devops")
            return build_frames(cache.record())

        def analyse():
            build_report(frames(), options)

        def draw():
            for result in build_report(frames(), options).results:
                result.svg()

        rows = {
            "parse the JSON": measured(parse),
            "frames": measured(frames),
            "frames and every metric": measured(analyse),
            "the same, every chart drawn": measured(draw),
        }
    print(f"{ISSUES} issues, {journals} journals, 10000 time entries")
    for name, (seconds, megabytes) in rows.items():
        print(f"  {name:30} {seconds:6.2f} s CPU  {megabytes:6.0f} MB")
    seconds, megabytes = rows["frames and every metric"]
    ratio = seconds / rows["parse the JSON"][0]
    for name, value in (("CPU s", seconds), ("MB", megabytes)):
        verdict = "reached" if value < GOALS[name] else "MISSED"
        print(f"goal: under {GOALS[name]} {name}: {value:.1f}: {verdict}")
    found = {
        "CPU s": round(seconds, 2),
        "MB": round(megabytes),
        "of parsing": round(ratio, 1),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
