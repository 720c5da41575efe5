"""Loading against Django's loaddata, and against COPY of rows that are ready.

Each is a process of its own, measured from its start to its end by the wall clock; they
take turns, and medians are compared. Whether both left the same is told by checksums.
Run it below `python -m dev_services run --throw-away --services postgresql --`;
Django needs some ten minutes for 100,000 objects of each kind.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import statistics
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
    DATABASES={
        "default": dj_database_url.parse(os.environ["DATABASE_URL"]),
        "sqlite": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ.get("BENCHMARK_SQLITE", ":memory:"),
        },
    },
    INSTALLED_APPS=["shop"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
GOALS = {"plain JSON": 30, "natural key": 25, "many-to-many": 30, "YAML": 12}
GOALS |= {"unchanged": 20, "SQLite": 8, "COPY": 1.5}


def items(count):
    for n in range(1, count + 1):
        yield {
            "model": "shop.item",
            "pk": n,
            "fields": {
                "name": f"Item number {n}",
                "slug": f"item-{n}",
                "quantity": n % 1000,
                "price": f"{n % 500}.{n % 100:02}",
                "active": n % 3 > 0,
                "created": f"2026-01-{1 + n % 28:02}T10:{n % 60:02}:00.123Z",
                "notes": "A line of notes, of some length. " * (n % 4),
            },
        }


def books(count):
    authors = max(count // 20, 1)
    for n in range(1, authors + 1):
        yield {"model": "shop.author", "pk": n, "fields": {"name": f"Author {n}"}}
    for n in range(1, count + 1):
        fields = {"title": f"Book {n}", "isbn": f"{n:013}"}
        fields["author"] = [f"Author {1 + n % authors}"]
        yield {"model": "shop.book", "pk": n, "fields": fields}


def posts(count):
    for n in range(1, 101):
        yield {"model": "shop.tag", "pk": n, "fields": {"name": f"Tag {n}"}}
    for n in range(1, count + 1):
        tags = [[f"Tag {1 + (n * k) % 100}"] for k in (1, 7, 33)]
        yield {"model": "shop.post", "pk": n, "fields": {"title": f"{n}", "tags": tags}}


def written(folder, name, objects):
    path = folder / name
    with path.open("w", encoding="utf-8") as file:
        if path.suffix == ".json":
            file.write("[\n" + ",\n".join(map(json.dumps, objects)) + "\n]\n")
        else:
            import yaml

            yaml.dump_all(
                [list(objects)], file, Dumper=yaml.CSafeDumper, sort_keys=False
            )
    return path


def as_lines(path):
    """Write the items as rows that COPY takes as they are."""
    lines = path.with_suffix(".tsv")
    with lines.open("w", encoding="utf-8") as file:
        for item in json.loads(path.read_text()):
            fields = item["fields"]
            cells = [item["pk"], *fields.values()]
            file.write("\t".join(map(str, cells)) + "\n")
    return lines


def run_django(path, using):
    from django.core.management import call_command

    call_command("loaddata", str(path), database=using, verbosity=0)


def run_ours(path, using):
    from loaddata_stdin.load import Options, load

    with path.open("rb") as stream:
        report = load(stream, options=Options(using=using))
    counts = report.models.values()
    print(sum(each.created + each.updated for each in counts))


def run_copy(path, using):
    from django.db import connections, transaction

    with transaction.atomic(using), connections[using].cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE stage AS SELECT * FROM shop_item LIMIT 0")
        text = path.read_text(encoding="utf-8")
        if hasattr(cursor.cursor, "copy_expert"):
            cursor.cursor.copy_expert("COPY stage FROM STDIN", io.StringIO(text))
        else:
            with cursor.cursor.copy("COPY stage FROM STDIN") as copy:
                copy.write(text)
        cursor.execute(
            "UPDATE shop_item t SET name = s.name, slug = s.slug,"
            " quantity = s.quantity, price = s.price, active = s.active,"
            " created = s.created, notes = s.notes FROM stage s WHERE t.id = s.id AND"
            " ROW(t.*)::record *<> ROW(s.*)::record"
        )
        cursor.execute(
            "INSERT INTO shop_item SELECT * FROM stage s WHERE NOT EXISTS"
            " (SELECT 1 FROM shop_item t WHERE t.id = s.id)"
        )


RUNS = {"django": run_django, "ours": run_ours, "copy": run_copy}


def measured(kind, path, using, environment):
    """Return the seconds of a process, and what it printed."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, __file__, "--child", kind, str(path), using],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return time.perf_counter() - start, done.stdout.strip()


def tables():
    from django.apps import apps

    return apps.get_app_config("shop").get_models(include_auto_created=True)


def create(using):
    from django.db import connections

    with connections[using].schema_editor() as editor:
        for model in tables():
            if not model._meta.auto_created:
                editor.create_model(model)


def empty(using):
    from django.db import connections

    with connections[using].cursor() as cursor:
        for model in tables():
            table = model._meta.db_table
            if using == "default":
                cursor.execute(f"TRUNCATE {table} RESTART IDENTITY CASCADE")
            else:
                cursor.execute(f"DELETE FROM {table}")


def checksum(using):
    """Return what tells whether two loads left the same; keys between tables differ."""
    digest = hashlib.md5()
    for model in tables():
        names = [field.attname for field in model._meta.concrete_fields]
        if model._meta.auto_created:
            names.remove("id")
        query = model._base_manager.using(using).order_by(*names).values_list(*names)
        for row in query.iterator():
            digest.update(repr(row).encode())
    return digest.hexdigest()


def compared(path, using, environment, rounds, *, is_reload=False):
    """Return the medians of Django's and our seconds."""
    times = {"django": [], "ours": []}
    sums = set()
    for number in range(rounds):
        for kind in ("ours", "django") if number % 2 else ("django", "ours"):
            empty(using)
            if is_reload:
                measured("ours", path, using, environment)
            seconds, output = measured(kind, path, using, environment)
            times[kind].append(seconds)
            sums.add(checksum(using))
            if is_reload and kind == "ours" and output != "0":
                sys.exit(f"an unchanged reload wrote {output} rows")
    if len(sums) > 1:
        sys.exit(f"{path.name}: the tables differ from Django's")
    return {kind: statistics.median(spent) for kind, spent in times.items()}


def copied(path, environment, rounds):
    lines, times = as_lines(path), {"copy": [], "ours": []}
    for _ in range(rounds):
        for kind, file in (("copy", lines), ("ours", path)):
            empty("default")
            times[kind].append(measured(kind, file, "default", environment)[0])
    return {kind: statistics.median(spent) for kind, spent in times.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=GOALS, action="append")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    django.setup()
    if options.child:
        kind, path, using = options.child
        RUNS[kind](Path(path), using)
        return
    with tempfile.TemporaryDirectory() as name:
        report(measure(options, Path(name)))


def measure(options, folder):
    database = str(folder / "benchmark.sqlite3")
    settings.DATABASES["sqlite"]["NAME"] = database
    environment = {**os.environ, "BENCHMARK_SQLITE": database}
    count = options.objects
    plain = written(folder, "items.json", items(count))
    cases = {
        "plain JSON": (plain, "default"),
        "natural key": (written(folder, "books.json", books(count)), "default"),
        "many-to-many": (written(folder, "posts.json", posts(count)), "default"),
        "YAML": (written(folder, "items.yaml", items(count)), "default"),
        "unchanged": (plain, "default"),
        "SQLite": (plain, "sqlite"),
    }
    times = {}
    for using in ("default", "sqlite"):
        create(using)
    try:
        for name, case in cases.items():
            if not options.only or name in options.only:
                times[name] = compared(
                    *case, environment, options.rounds, is_reload=name == "unchanged"
                )
        if not options.only or "COPY" in options.only:
            times["COPY"] = copied(plain, environment, max(options.rounds, 3))
    finally:
        drop()
    return times


def drop():
    from django.db import connection

    names = ", ".join(model._meta.db_table for model in tables())
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {names} CASCADE")


def report(times):
    ratios = {}
    print(f"{'seconds':16}{'peer':>8}{'ours':>8}{'ratio':>8}   goal")
    for name, spent in times.items():
        peer, ours = spent.get("django") or spent["copy"], spent["ours"]
        is_copy = name == "COPY"
        ratios[name] = round(ours / peer if is_copy else peer / ours, 2)
        is_met = ratios[name] <= GOALS[name] if is_copy else ratios[name] >= GOALS[name]
        goal = f"{'at most' if is_copy else 'at least'} {GOALS[name]}"
        print(
            f"{name:16}{peer:8.2f}{ours:8.2f}{ratios[name]:7.2f}x   {goal}:"
            f" {'met' if is_met else 'MISSED'}"
        )
    print(json.dumps({"ratios": ratios, "goals": GOALS}))


if __name__ == "__main__":
    main()
