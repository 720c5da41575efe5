"""What each mode takes, and how much more than a plain load in the same run.

Each load is of tables that were truncated, and filled where the mode is about rows that
are there; all are in one process. Run it below `python -m dev_services run --throw-away
--services postgresql --`; with `--growth` everything is measured for half as many
objects, too, so that what grows with the square shows a ratio of four.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time

from loading import create, drop, empty, items

COUNT = {"default": 100_000, "sqlite": 10_000}
KEY = {"shop.item": ["slug"]}


def as_they_are(count):
    return items(count)


def shifted(count):
    """Yield the same items with primary keys that are not those of their rows."""
    for item in items(count):
        yield {**item, "pk": item["pk"] + count // 2}


def new(count):
    for item in items(count):
        slug = f"new-{item['pk']}"
        yield {**item, "fields": {**item["fields"], "slug": slug}}


def keyless(count):
    return ({**item, "pk": None} for item in items(count))


def keyless_named(count):
    for n in range(1, count + 1):
        yield {"model": "shop.author", "pk": None, "fields": {"name": f"Author {n}"}}


def changed(count):
    for item in items(count):
        yield {**item, "fields": {**item["fields"], "name": "Another"}}


def patched(count):
    for n in range(1, count + 1):
        yield {"model": "shop.item", "pk": n, "fields": {"quantity": n % 7}}


def patched_variously(count):
    """Yield patches of every set of five fields."""
    for item in items(count):
        names = list(item["fields"])[2:]
        fields = {
            name: item["fields"][name]
            for bit, name in enumerate(names)
            if item["pk"] >> bit & 1
        }
        yield {**item, "fields": fields}


def patched_often(count):
    for n in range(count // 10):
        yield {"model": "shop.item", "pk": n % 3 + 1, "fields": {"quantity": n}}


def only_first(count):
    return items(1)


# The rows that are there, the objects, and the options.
CASES = {
    "plain, all new": (None, as_they_are, {}),
    "plain, unchanged": (items, as_they_are, {}),
    "plain, all changed": (items, changed, {}),
    "no primary keys": (None, keyless, {}),
    "natural, all new": (None, keyless_named, {}),
    "natural, all there": (keyless_named, keyless_named, {}),
    "--key, all new": (None, as_they_are, {"keys": KEY}),
    "--key, none free": (items, new, {"keys": KEY}),
    "--key, all there": (items, shifted, {"keys": KEY}),
    "--patch, one shape": (items, patched, {"is_patch": True}),
    "--patch, 32 shapes": (items, patched_variously, {"is_patch": True}),
    "--patch, 3 rows": (items, patched_often, {"is_patch": True}),
    "--delete-missing": (items, only_first, {"deletes_missing": True}),
    "ignore, all there": (items, changed, {"on_conflict": "ignore"}),
    "error, all new": (None, as_they_are, {"on_conflict": "error"}),
    "--diff, all changed": (items, changed, {"differ": lambda line: None}),
    "--validate": (None, as_they_are, {"is_validated": True}),
}


def loaded(objects, using, **options):
    """Return the seconds that a load takes."""
    from loaddata_stdin.load import Options, load

    lines = "".join(json.dumps(each) + "\n" for each in objects).encode()
    start = time.perf_counter()
    load(io.BytesIO(lines), options=Options(using=using, **options))
    return time.perf_counter() - start


def measured(name, count, using):
    before, objects, options = CASES[name]
    empty(using)
    if before:
        loaded(before(count), using)
    return loaded(objects(count), using, **options)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, help="instead of 100,000 and 10,000")
    parser.add_argument("--only", choices=CASES, action="append")
    parser.add_argument("--using", choices=COUNT, action="append")
    parser.add_argument("--growth", action="store_true")
    options = parser.parse_args()
    import django

    django.setup()
    usings = options.using or list(COUNT)
    for using in usings:
        create(using)
    try:
        for using in usings:
            report(using, options)
    finally:
        drop()


def report(using, options):
    count = options.objects or COUNT[using]
    measured("plain, all new", 1000, using)  # Imports, and connects.
    plain = measured("plain, all new", count, using)
    ratios = {}
    print(f"{f'{using}, {count:,}':22}{'seconds':>9}{'to plain':>10}{'growth':>9}")
    for name in options.only or CASES:
        seconds = measured(name, count, using)
        ratios[name] = round(seconds / plain, 2)
        growth = ""
        if options.growth:
            growth = f"{seconds / measured(name, count // 2, using):8.2f}x"
        print(f"{name:22}{seconds:9.2f}{ratios[name]:9.2f}x{growth}")
        sys.stdout.flush()
    print(json.dumps({"database": using, "ratios": ratios}))


if __name__ == "__main__":
    main()
