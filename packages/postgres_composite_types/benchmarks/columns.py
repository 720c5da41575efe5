"""A composite column against plain columns, a JSONField and a one-to-one foreign key.

Client CPU time (`process_time`): the wall clock of a shared machine measures the others
on it. The four are measured in turn in every round, and medians are compared. Run it
below `python -m dev_services run --throw-away --services postgresql --`.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import os
import statistics
import time

import dj_database_url
import django
from django.conf import settings

settings.configure(
    DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"])},
    INSTALLED_APPS=["postgres_composite_types"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.db import connection, models, transaction  # noqa: E402  # settings first
from django.test.utils import CaptureQueriesContext  # noqa: E402

from postgres_composite_types import CompositeType  # noqa: E402

GOALS = {
    "bulk write / plain columns": 0.8,
    "save / plain columns": 1.15,
    "read untouched / plain columns": 1.05,
    "read touched / plain columns": 1.6,
    "read touched / foreign key": 0.55,
    "catalog queries": 0,
}


def members():
    return {
        "street": models.CharField(max_length=255),
        "suburb": models.CharField(max_length=50),
        "state": models.CharField(max_length=50, null=True),
        "country": models.CharField(max_length=50),
        "number": models.IntegerField(),
        "since": models.DateField(),
    }


def model(name, **fields):
    meta = type("Meta", (), {"app_label": "bench"})
    body = {"__module__": __name__, "__qualname__": name, "Meta": meta}
    return type(
        name,
        (models.Model,),
        {"name": models.CharField(max_length=50), **body, **fields},
    )


class Address(CompositeType):
    vars().update(members())

    class Meta:
        db_type = "bench_address"
        app_label = "bench"


Plain = model("Plain", **members())
Composite = model("Composite", address=Address.Field())
Json = model("Json", address=models.JSONField())
Location = model("Location", **members())
Key = model("Key", address=models.OneToOneField(Location, models.CASCADE))
NAMES = tuple(members())


def values(count):
    """Yield addresses; in the text of a record most of their members need quotes."""
    for n in range(count):
        yield {
            "street": f"{n} High St, Flat {n % 7}"
            if n % 8
            else f'"The Elms", {n} Low Rd',
            "suburb": f"St Kilda (East {n % 400})",
            "state": f"Victoria, {n}" if n % 2 else None,
            "country": "Australia",
            "number": n,
            "since": datetime.date(2000 + n % 25, 1 + n % 12, 1 + n % 28),
        }


def as_json(data):
    return {**data, "since": data["since"].isoformat()}


def made(kind, rows):
    if kind is Plain:
        return [Plain(name=f"n{n}", **row) for n, row in enumerate(rows)]
    if kind is Composite:
        return [
            Composite(name=f"n{n}", address=Address(**row))
            for n, row in enumerate(rows)
        ]
    if kind is Json:
        return [Json(name=f"n{n}", address=as_json(row)) for n, row in enumerate(rows)]
    return [
        Key(name=f"n{n}", address=Location(name="", **row))
        for n, row in enumerate(rows)
    ]


def bulk_write(kind, objects):
    if kind is Key:
        Location.objects.bulk_create([key.address for key in objects], batch_size=5000)
        for key in objects:
            key.address_id = key.address.pk
    kind.objects.bulk_create(objects, batch_size=5000)


def save(kind, objects):
    for each in objects:
        if kind is Key:
            each.address.save()
            each.address_id = each.address.pk
        each.save()


def rows_of(kind):
    return list(
        kind.objects.select_related("address") if kind is Key else kind.objects.all()
    )


def touched(kind):
    for row in rows_of(kind):
        holder = row if kind is Plain else row.address
        if kind is Json:
            for name in NAMES:
                holder[name]
        else:
            holder.street, holder.suburb, holder.state  # noqa: B018  # touched
            holder.country, holder.number, holder.since  # noqa: B018


def cpu_ms(call, *args):
    gc.collect()
    start = time.process_time()
    call(*args)
    return (time.process_time() - start) * 1000


def measure(rounds, rows, saves):
    times = {}
    kinds = [Plain, Composite, Json, Key]
    data = list(values(rows))
    for number in range(rounds):
        for kind in kinds[number % 4 :] + kinds[: number % 4]:
            with transaction.atomic():
                objects = made(kind, data[:saves])
                times.setdefault(("save", kind), []).append(cpu_ms(save, kind, objects))
                transaction.set_rollback(True)
            with transaction.atomic():
                objects = made(kind, data)
                spent = cpu_ms(bulk_write, kind, objects)
                times.setdefault(("bulk write", kind), []).append(spent)
                del objects
                for name, call in (
                    ("read untouched", rows_of),
                    ("read touched", touched),
                ):
                    times.setdefault((name, kind), []).append(cpu_ms(call, kind))
                transaction.set_rollback(True)
    return {key: statistics.median(spent) for key, spent in times.items()}


def catalog_queries():
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        bulk_write(Composite, made(Composite, list(values(10))))
        save(Composite, made(Composite, list(values(10))))
        touched(Composite)
        transaction.set_rollback(True)
    return sum("pg_catalog" in q["sql"] or "pg_attribute" in q["sql"] for q in queries)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--saves", type=int, default=1_000)
    parser.add_argument(
        "--rounds", type=int, default=5, help="of which medians are taken"
    )
    options = parser.parse_args()
    tables = [Plain, Composite, Json, Location, Key]
    with connection.cursor() as cursor, connection.schema_editor() as editor:
        columns = ", ".join(
            f"{f.column} {f.db_type(connection)}" for f in Address._meta.fields
        )
        cursor.execute(f"CREATE TYPE bench_address AS ({columns})")
        for table in tables:
            editor.create_model(table)
    try:
        times = measure(options.rounds, options.rows, options.saves)
        report(times, catalog_queries())
    finally:
        with connection.cursor() as cursor:
            names = ", ".join(table._meta.db_table for table in reversed(tables))
            cursor.execute(f"DROP TABLE {names}; DROP TYPE bench_address")


def report(times, queries):
    print(
        f"{'client CPU, ms':16}{'plain':>10}{'composite':>14}{'JSONField':>14}{'foreign key':>14}"
    )
    for name in ("bulk write", "save", "read untouched", "read touched"):
        plain = times[name, Plain]
        cells = (
            f"{times[name, k]:7.0f} {times[name, k] / plain:5.2f}x"
            for k in (Composite, Json, Key)
        )
        print(f"{name:16}{plain:10.0f}{''.join(cells)}")
    ratios = {"catalog queries": queries}
    for goal in GOALS:
        name, _, peer = goal.partition(" / ")
        if peer:
            peers = Plain if peer == "plain columns" else Key
            ratios[goal] = round(times[name, Composite] / times[name, peers], 3)
    for goal, most in GOALS.items():
        print(
            f"{goal:32}{ratios[goal]:8} goal {most}: {'met' if ratios[goal] <= most else 'MISSED'}"
        )
    print(json.dumps({"ratios": ratios, "goals": GOALS}))


if __name__ == "__main__":
    main()
