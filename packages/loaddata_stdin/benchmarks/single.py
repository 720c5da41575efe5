"""Objects that a receiver keeps out of bulk: the first load and a reload, beside Django.

Both save one by one. Run it below `python -m dev_services run --throw-away
--services postgresql --`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import dj_database_url
import django
from django.conf import settings

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
settings.configure(
    DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"])},
    INSTALLED_APPS=["loaddata_stdin", "shop"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
GOALS = {"first": 1.1, "reload": 1.0}  # Times of ours, in those of Django.


def receive(**kwargs):
    """Have every object saved by itself."""


def seconds(command, path):
    from django.core.management import call_command

    start = time.perf_counter()
    call_command(command, str(path), verbosity=0)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    django.setup()
    from django.core.management.commands.loaddata import Command as Djangos
    from django.db import connection
    from django.db.models.signals import post_save
    from shop.models import Node

    from loaddata_stdin.management.commands.loaddata import Command as Ours

    post_save.connect(receive, sender=Node)
    with connection.schema_editor() as editor:
        editor.create_model(Node)
    took = {(name, load): [] for name in ("django", "ours") for load in GOALS}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nodes.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for n in range(1, options.objects + 1):
                fields = {"name": f"node {n}", "next": n}
                record = {"model": "shop.node", "pk": n, "fields": fields}
                file.write(json.dumps(record) + "\n")
        for _ in range(options.rounds):
            for name, command in (("django", Djangos), ("ours", Ours)):
                Node.objects.all().delete()
                for load in GOALS:
                    took[name, load].append(seconds(command(), path))
                if Node.objects.count() != options.objects:
                    sys.exit("the table does not hold what was loaded")
    missed = []
    print(f"{'load':8}{'django, s':>10}{'ours, s':>10}{'ratio':>8}{'goal':>8}")
    for load, goal in GOALS.items():
        times = [statistics.median(took[name, load]) for name in ("django", "ours")]
        ratio = times[1] / times[0]
        print(f"{load:8}{times[0]:10.2f}{times[1]:10.2f}{ratio:8.2f}{goal:8.2f}")
        missed += [load] if ratio > goal else []
    sys.exit(f"missed: {', '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
