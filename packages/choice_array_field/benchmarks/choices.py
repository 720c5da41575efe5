"""Time the field against a many-to-many table, no CHECK, ArrayField, and Django's form.

Run: DATABASE_URL=... python packages/choice_array_field/benchmarks/choices.py

Makes tables of its own in that database and drops them. Ours and the peer take turns,
each with an untimed run before the timed one; a figure is the median of the rounds.
Both are asked by the values of the flags. Two lines are without a goal: a flag that most
rows have, where PostgreSQL reads the table and not the index, and the peer asked by
primary keys that are known already, so without a join of the table of flags.
"""

# ruff: noqa: DJ008  # no model is shown

from __future__ import annotations

import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dj_database_url
import django
from django.conf import settings

ROWS = 200_000
# How many rows have each flag: together some 500,000 memberships.
SHARES = (0.74, 0.4, 0.3, 0.25, 0.2, 0.15, 0.12, 0.1, 0.085, 0.07, 0.05, 0.04)
NAMES = [f"flag-{number:02}" for number in range(len(SHARES))]

settings.configure(
    DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"])},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.postgres", "choice_array_field"],
)
django.setup()

from django import forms  # noqa: E402
from django.contrib.postgres.fields import ArrayField  # noqa: E402
from django.contrib.postgres.indexes import GinIndex  # noqa: E402
from django.db import connection, models  # noqa: E402

from choice_array_field import ChoiceArrayField  # noqa: E402

Flag = models.TextChoices("Flag", {name: (name, name) for name in NAMES})  # type: ignore[misc]


class Row(models.Model):
    flags = ChoiceArrayField(Flag)

    class Meta:
        app_label = "bench"
        indexes = [GinIndex(fields=["flags"], name="bench_row_gin")]


class Unchecked(models.Model):
    flags = ChoiceArrayField(Flag, enforce=False)

    class Meta:
        app_label = "bench"
        indexes = [GinIndex(fields=["flags"], name="bench_unchecked_gin")]


class Plain(models.Model):
    """The table of Row, read without the field."""

    flags = ArrayField(models.TextField())

    class Meta:
        app_label = "bench"
        db_table = "bench_row"
        managed = False


class FlagRow(models.Model):
    name = models.CharField(max_length=20, unique=True)

    class Meta:
        app_label = "bench"


class Peer(models.Model):
    flags = models.ManyToManyField(FlagRow)

    class Meta:
        app_label = "bench"


MODELS = (Row, Unchecked, FlagRow, Peer)
THROUGH = Peer.flags.through._meta.db_table


def execute(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)


@contextmanager
def tables() -> Iterator[None]:
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    try:
        yield
    finally:
        with connection.schema_editor() as editor:
            for model in reversed(MODELS):
                editor.delete_model(model)


def fill() -> None:
    """Write the same selections to the array and to the peer's tables."""
    FlagRow.objects.bulk_create(FlagRow(name=name) for name in NAMES)
    execute("SELECT setseed(0.5)")
    execute("CREATE TEMPORARY TABLE chosen (id bigint, flag text)")
    for name, share in zip(NAMES, SHARES, strict=True):
        execute(
            "INSERT INTO chosen SELECT id, %s FROM generate_series(1, %s) AS id"
            " WHERE random() < %s",
            *(name, ROWS, share),
        )
    execute(
        "CREATE TEMPORARY TABLE selections AS SELECT id, array_remove("
        "array_agg(flag ORDER BY flag), NULL)::varchar[] AS flags"
        " FROM generate_series(1, %s) AS id LEFT JOIN chosen USING (id) GROUP BY id",
        ROWS,
    )
    execute("INSERT INTO bench_row SELECT id, flags FROM selections")
    execute("INSERT INTO bench_peer SELECT id FROM selections")
    execute(
        f"INSERT INTO {THROUGH} (peer_id, flagrow_id)"
        " SELECT chosen.id, bench_flagrow.id FROM chosen"
        " JOIN bench_flagrow ON name = flag ORDER BY chosen.id, bench_flagrow.id"
    )
    for table in ("bench_row", "bench_peer", "bench_flagrow", THROUGH):
        execute(f"REINDEX TABLE {table}")
        execute(f"VACUUM ANALYZE {table}")


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds of one run."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def compare(
    ours: Callable[[], Any], peer: Callable[[], Any], rounds: int
) -> tuple[float, float]:
    """Return the medians in seconds; who begins changes from round to round."""
    times: dict[Any, list[float]] = {ours: [], peer: []}
    for number in range(rounds):
        for work in (ours, peer) if number % 2 else (peer, ours):
            work()
            times[work].append(timed(work))
    return statistics.median(times[ours]), statistics.median(times[peer])


def report(name: str, medians: tuple[float, float], goal: float | None) -> None:
    """Print a line; the goal is the least that the peer takes for one of ours."""
    ours_s, peer_s = medians
    ratio = peer_s / ours_s
    print(
        f"{name:34} {ours_s * 1e3:9.2f} {peer_s * 1e3:9.2f} {ratio:9.2f}"
        f" {'' if goal is None else f'{goal:.2f}':>9}"
    )
    summary = {
        "benchmark": f"choice_array_field: {name}",
        "ours_ms": round(ours_s * 1e3, 3),
        "peer_ms": round(peer_s * 1e3, 3),
        "peer_to_ours": round(ratio, 3),
        "goal": goal,
        "goal_met": None if goal is None else ratio >= goal,
    }
    RESULTS.append(summary)


RESULTS: list[dict[str, Any]] = []


def rows_of_peer(lookup: str, values: list[Any]) -> int:
    """Count the rows that have all of these, a join for each."""
    rows = Peer.objects.all()
    for value in values:
        rows = rows.filter(**{lookup: value})
    return rows.count()


def measure_queries() -> None:
    common, rare = [NAMES[0]], [NAMES[8]]
    two, three = [NAMES[3], NAMES[8]], [NAMES[8], NAMES[10], NAMES[11]]
    keys = [FlagRow.objects.get(name=name).pk for name in three]

    def array(lookup: str, names: list[str]) -> Callable[[], int]:
        return lambda: Row.objects.filter(**{f"flags__{lookup}": names}).count()

    def all_of(names: list[str]) -> Callable[[], int]:
        return lambda: rows_of_peer("flags__name", names)

    def any_of() -> int:
        return Peer.objects.filter(flags__name__in=two).distinct().count()

    cases = [
        (
            "contains a flag of 74 % of rows",
            array("contains", common),
            all_of(common),
            None,
        ),
        ("contains one rare flag", array("contains", rare), all_of(rare), 3),
        ("overlaps two flags", array("overlap", two), any_of, 3),
        ("contains three flags", array("contains", three), all_of(three), 30),
        (
            "contains three, peer by keys",
            *(array("contains", three), lambda: rows_of_peer("flags", keys), None),
        ),
    ]
    for name, ours, peer, goal in cases:
        assert ours() == peer()
        report(name, compare(ours, peer, 15), goal)


def measure_reads() -> None:
    def values(model: Any) -> Callable[[], int]:
        return lambda: len(model.objects.values_list("flags", flat=True)[:20_000])

    def attributes(model: Any) -> Callable[[], int]:
        return lambda: sum(len(row.flags) for row in model.objects.all()[:20_000])

    for name, read in (
        ("values_list of 20,000 rows", values),
        ("20,000 rows", attributes),
    ):
        report(name, compare(read(Row), read(Plain), 11), 1 / 1.2)
    row, plain = Row.objects.first(), Plain.objects.first()

    def access(instance: Any) -> Callable[[], None]:
        return lambda: [instance.flags for _ in range(100_000)] and None

    report("100,000 attributes", compare(access(row), access(plain), 11), None)


def measure_inserts() -> None:
    def insert(table: str) -> Callable[[], None]:
        def run() -> None:
            execute(f"INSERT INTO {table} (flags) SELECT flags FROM selections")

        return run

    times: dict[str, list[float]] = {"bench_row": [], "bench_unchecked": []}
    for number in range(8):
        for table in sorted(times, reverse=bool(number % 2)):
            execute(f"TRUNCATE {table}")
            execute("CHECKPOINT")
            times[table].append(timed(insert(table)))
    ours_s, peer_s = (statistics.median(each) for each in times.values())
    report("bulk insert with CHECK", (ours_s, peer_s), 1 / 1.25)


def measure_form() -> None:
    choices = [(f"choice-{number:04}", f"Choice {number}") for number in range(1000)]
    field = ChoiceArrayField(models.CharField(choices=choices))
    picks = random.Random(5).sample([value for value, _ in choices], 500)
    ours, stock = field.formfield(), forms.MultipleChoiceField(choices=choices)
    assert sorted(ours.clean(picks)) == sorted(stock.clean(picks))
    medians = compare(lambda: ours.clean(picks), lambda: stock.clean(picks), 25)
    report("form, 500 of 1,000", medians, 15)


def main() -> None:
    print(f"{'':34} {'ours, ms':>9} {'peer, ms':>9} {'peer/ours':>9} {'goal':>9}")
    with tables():
        fill()
        measure_queries()
        measure_reads()
        measure_inserts()
    measure_form()
    for summary in RESULTS:
        print(json.dumps(summary))


if __name__ == "__main__":
    main()
