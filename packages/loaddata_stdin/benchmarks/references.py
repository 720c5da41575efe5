"""Required references by natural key that lead to later objects, in time and memory.

Each load is a process of its own; its memory is compared with that of a load of one
object. Run it below `python -m dev_services run --throw-away --services postgresql
--`; `--objects 1000000 --shapes forward cycle` needs some minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
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
    INSTALLED_APPS=["shop"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)


def chain(count):
    """Yield nodes of which each leads to the next, and one that leads to itself."""
    return ((n, min(n + 1, count + 1)) for n in range(1, count + 2))


def forward(count):
    """Yield nodes that lead to any later one, and one that leads to itself."""
    for n in range(1, count + 1):
        yield n, n + 1 + n * 7919 % (count + 1 - n)
    yield count + 1, count + 1


def cycle(count):
    """Yield nodes that all stand in one cycle."""
    return ((n, n % count + 1) for n in range(1, count + 1))


MOST_MB = 30
SHAPES = {"chain": chain, "forward": forward, "cycle": cycle}


def written(path, pairs):
    with path.open("w", encoding="utf-8") as file:
        for name, target in pairs:
            fields = {"name": f"node {name}", "next": [f"node {target}"]}
            record = {"model": "shop.node", "pk": None, "fields": fields}
            file.write(json.dumps(record) + "\n")


def load(path):
    """Load a file; print the peak of this process's memory in MB."""
    from loaddata_stdin.load import load

    with path.open("rb") as stream:
        load(stream)
    status = Path("/proc/self/status").read_text()
    # Not ru_maxrss: that also counts what the parent had when it forked.
    print(int(status.partition("VmHWM:")[2].split()[0]) / 1024)


def measured(path):
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, "--child", str(path)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return time.perf_counter() - start, float(done.stdout)


def checked(pairs):
    """Empty the table, which must hold the nodes and no others."""
    from django.db import connection
    from shop.models import Node

    expected = {f"node {name}": f"node {target}" for name, target in pairs}
    found = dict(Node.objects.values_list("name", "next__name").iterator())
    if found != expected:
        sys.exit("the table does not hold what was loaded")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE shop_node")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=[*SHAPES])
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    django.setup()
    if options.child:
        load(options.child)
        return
    from django.db import connection
    from shop.models import Node

    with connection.schema_editor() as editor:
        editor.create_model(Node)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "nodes.jsonl"
        written(path, cycle(1))
        _, least = measured(path)
        checked(cycle(1))
        more = {}
        print(f"{'shape':8}{'references':>12}{'seconds':>10}{'MB':>8}{'more':>8}")
        for shape in options.shapes:
            for count in options.objects:
                written(path, SHAPES[shape](count))
                seconds, peak = measured(path)
                checked(SHAPES[shape](count))
                more[f"{shape} {count}"] = round(peak - least, 1)
                print(
                    f"{shape:8}{count:12}{seconds:10.2f}{peak:8.1f}{peak - least:8.1f}",
                    flush=True,
                )
    most = max(more.values())
    is_met = "met" if most <= MOST_MB else "MISSED"
    print(f"At most {most:.0f} MB more than for one object; goal {MOST_MB}: {is_met}")
    print(json.dumps({"more_mb": more, "goal_mb": MOST_MB}))
    with connection.schema_editor() as editor:
        editor.delete_model(Node)


if __name__ == "__main__":
    main()
