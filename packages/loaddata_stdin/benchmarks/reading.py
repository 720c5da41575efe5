"""CPU time and peak memory of reading a fixture, against Django's own deserialisers.

Run: python packages/loaddata_stdin/benchmarks/reading.py [--gigabyte]

Every measurement is a process of its own, so that peaks do not mix; ours and Django's
take turns in every round, and medians are compared. The peer builds model instances,
which reading does not: its column says what `loaddata` spends before it saves anything.
`--gigabyte` reads 1 GB of each format and compression once, without the peer (its YAML
would take 30 GB).
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import json
import lzma
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

OBJECTS = 100_000
ROUNDS = 3
GIGABYTE = 10**9
FORMATS = ("json", "jsonl", "yaml", "xml")
MORE_MEMORY_MB = 30  # Than a process that has only set Django up.
GOALS = {"json": 0.5, "jsonl": 0.5, "yaml": 0.2, "xml": 0.1}


def fields(number: int) -> dict[str, Any]:
    return {
        "name": f"Wicking bed {number} <new> & improved",
        "slug": f"wicking-bed-{number}",
        "price": f"{number % 1000}.{number % 90 + 10}",
        "quantity": number % 50,
        "active": number % 2 == 0,
        "created": f"20{number % 20 + 10}-0{number % 9 + 1}-11T10:00:00Z",
        "description": "A raised bed that waters itself from below. " * 2,
    }


def as_json(number: int) -> str:
    return json.dumps(
        {"model": "loaddata_stdin.item", "pk": number, "fields": fields(number)}
    )


def as_yaml(number: int) -> str:
    lines = [f"- model: loaddata_stdin.item\n  pk: {number}\n  fields:\n"]
    lines += [f"    {name}: {json.dumps(v)}\n" for name, v in fields(number).items()]
    return "".join(lines)


def as_xml(number: int) -> str:
    inner = "".join(
        f'<field name="{name}" type="CharField">'
        f"{str(value).replace('&', '&amp;').replace('<', '&lt;')}</field>"
        for name, value in fields(number).items()
    )
    return f'<object model="loaddata_stdin.item" pk="{number}">{inner}</object>\n'


def parts(format_name: str) -> tuple[str, Callable[[int], str], str, str]:
    """Return start, object, what stands between objects, and end."""
    head = '<?xml version="1.0" encoding="utf-8"?>\n<django-objects version="1.0">\n'
    return {
        "json": ("[", as_json, ",\n", "]\n"),
        "jsonl": ("", as_json, "\n", "\n"),
        "yaml": ("", as_yaml, "", "...\n"),
        "xml": (head, as_xml, "", "</django-objects>\n"),
    }[format_name]


def chunks(format_name: str, *, size: int | None) -> Iterator[bytes]:
    """Yield a fixture of OBJECTS objects, or of at least so many bytes."""
    start, made, between, end = parts(format_name)
    yield start.encode()
    number = written = 0
    while written < size if size else number < OBJECTS:
        batch = between.join(map(made, range(number, number + 1000))).encode()
        yield (between.encode() if number else b"") + batch
        number += 1000
        written += len(batch)
    yield end.encode()


def zstd_file(path: Path) -> IO[bytes]:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.open(path, "wb")


OPENERS: dict[str, Callable[[Path], Any]] = {
    "": partial(open, mode="wb"),
    "gz": partial(gzip.open, mode="wb", compresslevel=1),
    "bz2": partial(bz2.open, mode="wb", compresslevel=1),
    "xz": partial(lzma.open, mode="wb", preset=6),
    "zst": zstd_file,
}


def write(path: Path, format_name: str, compression: str, size: int | None) -> None:
    if compression == "zip":
        with (
            zipfile.ZipFile(
                path, "w", zipfile.ZIP_DEFLATED, compresslevel=1
            ) as archive,
            archive.open("fixture", "w", force_zip64=True) as file,
        ):
            file.writelines(chunks(format_name, size=size))
        return
    with OPENERS[compression](path) as file:
        for chunk in chunks(format_name, size=size):
            file.write(chunk)


def set_django_up() -> None:
    import django
    from django.conf import settings

    settings.configure(INSTALLED_APPS=["loaddata_stdin"], USE_TZ=True)
    django.setup()


def read_ours(path: Path) -> int:
    from loaddata_stdin.read.fixture import FixtureReader

    with path.open("rb") as stream:
        return sum(1 for _ in FixtureReader(stream))


def read_theirs(path: Path, format_name: str) -> int:
    from django.core import serializers
    from django.db import models

    body: dict[str, Any] = {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "loaddata_stdin"}),
        "name": models.CharField(max_length=100),
        "slug": models.SlugField(),
        "price": models.DecimalField(max_digits=9, decimal_places=2),
        "quantity": models.IntegerField(),
        "active": models.BooleanField(),
        "created": models.DateTimeField(),
        "description": models.TextField(),
    }
    type("Item", (models.Model,), body)
    with path.open("rb") as stream:
        return sum(1 for _ in serializers.deserialize(format_name, stream))


def child(who: str, path: Path, format_name: str) -> None:
    set_django_up()
    before = time.process_time()
    count = 0
    if who == "ours":
        count = read_ours(path)
    elif who == "theirs":
        count = read_theirs(path, format_name)
    spent = time.process_time() - before
    # Not ru_maxrss: that also counts what the parent had when it forked.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak_mb = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    print(json.dumps({"count": count, "cpu_s": spent, "peak_mb": peak_mb}))


def measured(who: str, path: Path, format_name: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--child", who, str(path), format_name]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def median(results: list[dict[str, float]], name: str) -> float:
    return statistics.median(result[name] for result in results)


def compare(folder: Path) -> dict[str, float]:
    """Print a table of every format; return the ratios of CPU time."""
    nothing_mb = measured("nobody", folder, "")["peak_mb"]
    print(f"{OBJECTS} objects; Django set up: {nothing_mb:.0f} MB")
    print(
        f"{'':8}{'ours s':>8}{'MB':>6}{'Django s':>10}{'MB':>6}{'ratio':>8}{'goal':>6}"
    )
    ratios = {}
    for name in FORMATS:
        path = folder / f"fixture.{name}"
        write(path, name, "", None)
        results: dict[str, list[dict[str, float]]] = {"ours": [], "theirs": []}
        for _ in range(ROUNDS):
            for who, found in results.items():
                found.append(measured(who, path, name))
        cpu = {who: median(found, "cpu_s") for who, found in results.items()}
        peak = {who: median(found, "peak_mb") for who, found in results.items()}
        ratios[name] = cpu["ours"] / cpu["theirs"]
        print(
            f"{name:8}{cpu['ours']:8.2f}{peak['ours']:6.0f}{cpu['theirs']:10.2f}"
            f"{peak['theirs']:6.0f}{ratios[name]:8.3f}{GOALS[name]:6}"
        )
    return ratios


def read_much(folder: Path, size: int | None) -> float:
    """Print a table of formats and compressions; return the largest growth in MB."""
    nothing_mb = measured("nobody", folder, "")["peak_mb"]
    print(f"\n{'':12}{'read MB':>9}{'objects':>9}{'CPU s':>8}{'peak MB':>9}{'more':>6}")
    most = 0.0
    kinds = [(name, "") for name in FORMATS]
    kinds += [("json", compression) for compression in [*OPENERS, "zip"][1:]]
    for name, compression in kinds:
        path = folder / "much"
        write(path, name, compression, size)
        result = measured("ours", path, name)
        more = result["peak_mb"] - nothing_mb
        most = max(most, more)
        print(
            f"{f'{name}.{compression}'.strip('.'):12}{path.stat().st_size / 10**6:9.1f}"
            f"{result['count']:9}{result['cpu_s']:8.1f}{result['peak_mb']:9.0f}{more:6.0f}"
        )
        path.unlink()
    return most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--gigabyte", action="store_true", help="read 1 GB of each")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        who, path, format_name = options.child
        child(who, Path(path), format_name)
        return
    with tempfile.TemporaryDirectory() as folder:
        ratios = {} if options.gigabyte else compare(Path(folder))
        most = read_much(Path(folder), GIGABYTE if options.gigabyte else None)
    print(f"\nAt most {most:.0f} MB more than Django set up; goal {MORE_MEMORY_MB}.")
    print(json.dumps({**ratios, "more_mb": most}))


if __name__ == "__main__":
    main()
