"""Peak memory of `manage.py loaddata -`, against `manage.py check` of the same project.

Each load is a real one, into tables that are emptied between, of a stream that is made
while it is read. The peak is that of the process, by VmHWM. Run it below
`python -m dev_services run --throw-away --services postgresql --`;
`--megabytes 1000` takes an hour.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import json
import lzma
import math
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from functools import partial
from itertools import chain, count
from pathlib import Path

import dj_database_url
import django
from django.conf import settings

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
settings.configure(
    DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"])},
    INSTALLED_APPS=["shop", "loaddata_stdin"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
GOAL_MB = 30
MIB = 1024 * 1024
WINDOW = 8 * MIB


def item(number, notes):
    return {
        "model": "shop.item",
        "pk": number,
        "fields": {
            "name": f"Wicking bed {number} <new> & improved",
            "slug": f"wicking-bed-{number}",
            "quantity": number % 1000,
            "price": f"{number % 500}.{number % 90 + 10}",
            "active": number % 2 == 0,
            "created": f"2026-01-{1 + number % 28:02}T10:{number % 60:02}:00.123Z",
            "notes": notes,
        },
    }


def items(size):
    for number in count(1):
        yield item(number, "A raised bed that waters itself from below. " * 2)


def large(size):
    """Yield objects of 1 MiB, whose characters take four bytes in Python."""
    notes = "\N{TOMATO} of the wide kind, " + "and a line of ASCII.\n" * 47_500
    for number in count(1):
        yield item(number, notes)


def forward(size):
    """Yield books, and behind all of them an author for each."""
    books = size // 190
    for n in range(1, books + 1):
        fields = {"title": f"Book {n}", "isbn": f"{n:013}", "author": [f"Author {n}"]}
        yield {"model": "shop.book", "pk": n, "fields": fields}
    for n in range(1, books + 1):
        yield {"model": "shop.author", "pk": n, "fields": {"name": f"Author {n}"}}


def posts(size):
    for n in range(1, 101):
        yield {"model": "shop.tag", "pk": n, "fields": {"name": f"Tag {n}"}}
    for n in count(1):
        tags = [[f"Tag {1 + (n * k) % 100}"] for k in (1, 7, 33)]
        yield {"model": "shop.post", "pk": n, "fields": {"title": f"{n}", "tags": tags}}


def as_yaml(record):
    lines = [f"- model: {record['model']}\n  pk: {record['pk']}\n  fields:\n"]
    for name, value in record["fields"].items():
        lines.append(f"    {name}: {json.dumps(value, ensure_ascii=False)}\n")
    return "".join(lines)


def as_xml(record):
    inner = "".join(
        f'<field name="{name}" type="CharField">'
        f"{str(value).replace('&', '&amp;').replace('<', '&lt;')}</field>"
        for name, value in record["fields"].items()
    )
    start = f'<object model="{record["model"]}" pk="{record["pk"]}">'
    return f"{start}{inner}</object>\n"


as_json = json.JSONEncoder(ensure_ascii=False).encode
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<django-objects version="1.0">\n'
# Start, object, what stands between two, and end.
FORMATS = {
    "json": ("[", as_json, ",\n", "]\n"),
    "jsonl": ("", as_json, "\n", "\n"),
    "yaml": ("", as_yaml, "", "...\n"),
    "xml": (HEAD, as_xml, "", "</django-objects>\n"),
}


def zstd_file(stream):
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    options = {zstd.CompressionParameter.window_log: WINDOW.bit_length() - 1}
    return zstd.open(stream, "wb", options=options)


def xz_file(stream):
    lzma2 = {"id": lzma.FILTER_LZMA2, "preset": 1, "dict_size": WINDOW}
    return lzma.open(stream, "wb", filters=[lzma2])


COMPRESSED = {
    "gz": partial(gzip.open, mode="wb", compresslevel=1),
    "bz2": partial(bz2.open, mode="wb"),
    "xz": xz_file,
    "zst": zstd_file,
}
# Name: format, compression, objects.
CASES = {
    **{name: (name, "", items) for name in FORMATS},
    **{f"json.{name}": ("json", name, items) for name in (*COMPRESSED, "zip")},
    "yaml.zst": ("yaml", "zst", items),
    **{f"1 MiB, {name}": (name, "", large) for name in FORMATS},
    "forward": ("jsonl", "", forward),
    "many-to-many": ("jsonl", "", posts),
}


class Fixture:
    """Writes a stream of so many bytes, or of all that there is, and counts."""

    def __init__(self, format_name, objects, size):
        self.parts, self.records = FORMATS[format_name], objects(size)
        # What forward references lead to comes last, and must not be left out.
        self.limit = math.inf if objects is forward else size
        self.objects = self.size = 0

    def write(self, stream):
        start, made, between, end = self.parts
        self._put(stream, start)
        for record in self.records:
            self._put(stream, (between if self.objects else "") + made(record))
            self.objects += 1
            if self.size >= self.limit:
                break
        self._put(stream, end)

    def _put(self, stream, text):
        data = text.encode()
        stream.write(data)
        self.size += len(data)


def started(stdin, *arguments):
    command = [sys.executable, __file__, "--child", *arguments]
    return subprocess.Popen(command, stdin=stdin, stdout=subprocess.PIPE)


def peak_of(process):
    """Return the peak in MB of a process that succeeds."""
    output, _ = process.communicate()
    if process.returncode:
        sys.exit(f"exit code {process.returncode}")
    return int(output.split()[-1]) / 1024


def loaded(fixture, compression):
    """Return the peak of loading a fixture."""
    arguments = ("loaddata", "-", "-v", "0")
    if compression == "zip":
        with tempfile.TemporaryFile() as file:
            with (
                zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
                archive.open("fixture", "w", force_zip64=True) as stream,
            ):
                fixture.write(stream)
            file.seek(0)
            return peak_of(started(file, *arguments))
    process = started(subprocess.PIPE, *arguments)
    try:
        if compression:
            with COMPRESSED[compression](process.stdin) as stream:
                fixture.write(stream)
        else:
            fixture.write(process.stdin)
    except BrokenPipeError:
        pass  # It says why, and ends with a code.
    return peak_of(process)


def child(arguments):
    """Run a command of manage.py; print the peak of this process's memory in KB."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *arguments])
    status = Path("/proc/self/status").read_text()
    # Not ru_maxrss: that also counts what the parent had when it forked.
    print(status.partition("VmHWM:")[2].split()[0])


def models():
    from django.apps import apps

    return apps.get_app_config("shop").get_models()


def take_rows():
    """Empty the tables; return how many rows they held, but for those between them."""
    from django.db import connection

    held = sum(model.objects.count() for model in models())
    tables = ", ".join(model._meta.db_table for model in models())
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")
    return held


def measure(megabytes, names):
    """Print a table; return by how many MB each case is above `check`."""
    least = peak_of(started(subprocess.DEVNULL, "check"))
    print(f"manage.py check: {least:.0f} MB; goal: at most {GOAL_MB} MB more")
    print(f"{'':14}{'MB':>8}{'objects':>10}{'seconds':>9}{'peak MB':>9}{'more':>7}")
    more = {}
    for name in names:
        format_name, compression, objects = CASES[name]
        fixture = Fixture(format_name, objects, megabytes * 10**6)
        start = time.perf_counter()
        peak = loaded(fixture, compression)
        seconds = time.perf_counter() - start
        if take_rows() != fixture.objects:
            sys.exit(f"{name}: the tables do not hold what was sent")
        more[name] = round(peak - least, 1)
        print(
            f"{name:14}{fixture.size / 10**6:8.0f}{fixture.objects:10}{seconds:9.1f}"
            f"{peak:9.1f}{more[name]:7.1f}",
            flush=True,
        )
    ratios = {name: round((least + each) / least, 2) for name, each in more.items()}
    print(json.dumps({"ratios": ratios, "more_mb": more, "goal_mb": GOAL_MB}))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=32)
    parser.add_argument("--only", choices=CASES, action="append")
    parser.add_argument("--child", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child)
        return
    django.setup()
    from django.db import connection

    with connection.schema_editor() as editor:
        for model in models():
            editor.create_model(model)
    try:
        measure(options.megabytes, options.only or CASES)
    finally:
        with connection.cursor() as cursor:
            for model in chain.from_iterable(
                (
                    each,
                    *(field.remote_field.through for field in each._meta.many_to_many),
                )
                for each in models()
            ):
                cursor.execute(f"DROP TABLE {model._meta.db_table} CASCADE")


if __name__ == "__main__":
    main()
