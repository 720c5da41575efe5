"""Attribute access, query plans and indexing beside what one writes by hand.

Run: DATABASE_URL=... python packages/wagtail_derived_fields/benchmarks/derived.py

Makes tables of its own in that database and drops them. Kinds take turns; figures are
medians. With ELASTICSEARCH_URL the rows are indexed there, else documents are made only.
"""

# ruff: noqa: DJ008, E402

from __future__ import annotations

import datetime
import json
import os
import statistics
import time
import timeit

import dj_database_url
import django
from django.conf import settings

ROWS = 20_000

settings.configure(
    DATABASES={"default": dj_database_url.parse(os.environ["DATABASE_URL"])},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=[
        "django.contrib.contenttypes",
        "modelsearch",
        "wagtail_derived_fields",
    ],
)
django.setup()

from django.db import connection, models
from django.db.models import Count
from modelsearch import index
from modelsearch.backends.elasticsearchbase import ElasticsearchBaseMapping

from wagtail_derived_fields import DerivedField, MonthsBetween
from wagtail_derived_fields.search.documents import DocumentMapping, prime_values


class Mapping(DocumentMapping, ElasticsearchBaseMapping):
    pass


FIELDS = ["title", "start_date", "end_date", "places", "place", "arrangement"]
SEARCH = [index.SearchField("title"), *map(index.FilterField, FIELDS)]


class Base(models.Model):
    title = models.CharField(max_length=80)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    places = models.IntegerField(default=1)
    place = models.CharField(max_length=20, default="Creekside")
    arrangement = models.CharField(max_length=20, default="Paid")

    class Meta:
        abstract = True


class Plain(index.Indexed, Base):
    search_fields = SEARCH

    class Meta:
        app_label = "wagtail_derived_fields"

    @property
    def duration(self):
        if self.start_date is None or self.end_date is None:
            return None
        start, end = self.start_date, self.end_date
        months = (end.year - start.year) * 12 + end.month - start.month
        if end >= start:
            return months - (end.day < start.day)
        return months + (start.day < end.day)


class Job(index.Indexed, Base):
    duration = DerivedField(MonthsBetween("start_date", "end_date"))
    search_fields = [*SEARCH, index.FilterField("duration")]

    class Meta:
        app_label = "wagtail_derived_fields"


class Counted(index.Indexed, Base):
    applicants = DerivedField(Count("applications"), models.IntegerField())
    search_fields = [*SEARCH, index.FilterField("applicants")]

    class Meta:
        app_label = "wagtail_derived_fields"


class Application(models.Model):
    job = models.ForeignKey(Counted, models.CASCADE, related_name="applications")

    class Meta:
        app_label = "wagtail_derived_fields"


class Stored(Base):
    duration = DerivedField(MonthsBetween("start_date", "end_date"), stored=True)

    class Meta:
        app_label = "wagtail_derived_fields"
        indexes = [models.Index(fields=["duration"], name="bench_stored_duration")]


MODELS = [Plain, Job, Counted, Application, Stored]
RESULTS = {}


def report(name, value, goal, bound="at most"):
    RESULTS[name] = round(value, 3)
    print(f"{name:44} {value:8.3f}   goal: {bound} {goal}")


def measure_attribute(rows):
    ours, peer = rows[Job][0], rows[Plain][0]
    times = {"ours": [], "peer": []}
    for _ in range(15):
        for name, row in (("ours", ours), ("peer", peer)):
            times[name].append(
                timeit.timeit(lambda row=row: row.duration, number=50_000)
            )
    medians = {name: statistics.median(each) for name, each in times.items()}
    report("attribute / hand-written property", medians["ours"] / medians["peer"], 1.3)


def find_backend():
    """Return a back end of the server in the environment, or None."""
    url = os.environ.get("ELASTICSEARCH_URL")
    if not url:
        return None
    from wagtail_derived_fields.search.elasticsearch import SearchBackend

    prefix = f"derived_benchmark_{os.getpid()}_"
    return SearchBackend({"URLS": url.split(","), "INDEX_PREFIX": prefix})


def index_rows(backend, model, rows):
    """Return the seconds of indexing rows, or of making their documents."""
    rebuilder = backend and backend.rebuilder_class(backend.get_index_for_model(model))
    new = rebuilder.start() if rebuilder else None
    started = time.perf_counter()
    for batch in range(0, ROWS, 1000):
        chosen = rows[batch : batch + 1000]
        if new:
            new.add_items(model, chosen)
        else:
            for row in chosen:
                Mapping(model).get_document(row)
    seconds = time.perf_counter() - started
    if rebuilder:
        rebuilder.finish()
    return seconds


def measure_indexing(rows):
    """Send the rows to a real server, or only make their documents without one."""
    backend = find_backend()
    times = {model: [] for model in (Plain, Job)}
    for _ in range(5):
        for model in times:
            times[model].append(index_rows(backend, model, rows[model]))
    if backend:
        for name in backend.es.indices.get(index=f"{backend.index_prefix}*"):
            backend.es.indices.delete(index=name)
    with_field, without = (statistics.median(times[model]) for model in (Job, Plain))
    what = "indexing" if backend else "documents of"
    report(f"{what} {ROWS} jobs, with / without", with_field / without, 1.1)


def count_queries(rows):
    with connection.execute_wrapper(Counter()) as _:
        Counter.count = 0
        for start in range(0, ROWS, 1000):
            prime_values(Counted, rows[Counted][start : start + 1000])
    report("queries for each batch of 1,000", Counter.count / (ROWS / 1000), 1)


class Counter:
    count = 0

    def __call__(self, execute, *args):
        Counter.count += 1
        return execute(*args)


def explain(queryset):
    return "\n".join(line for line in queryset.explain().splitlines() if "rows" in line)


def compare_plans():
    by_hand = Job.objects.alias(m=MonthsBetween("start_date", "end_date"))
    ours = explain(Job.objects.filter(duration__range=(3, 12)))
    report(
        "plan differs from that of annotate",
        ours != explain(by_hand.filter(m__range=(3, 12))),
        0,
    )
    with connection.cursor() as cursor:
        sql, params = Job.objects.values_list("duration").query.sql_with_params()
        expression = sql.partition("SELECT ")[2].partition(" AS ")[0]
        cursor.execute(
            f"CREATE INDEX bench_expression ON {Job._meta.db_table} (({expression}))",
            params,
        )
        cursor.execute("ANALYZE")
    for name, model in (("expression index", Job), ("stored", Stored)):
        plan = explain(model.objects.filter(duration=-17))
        report(f"{name}: scans without the index", "Index" not in plan, 0)


def main():
    random_days = [datetime.timedelta(days) for days in range(-500, 2500, 7)]
    start = datetime.date(2026, 1, 31)
    rows = {}
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    try:
        for model in (Plain, Job, Counted, Stored):
            rows[model] = model.objects.bulk_create(
                model(
                    title=f"job {number}",
                    start_date=start + datetime.timedelta(number % 700),
                    end_date=start + random_days[number % len(random_days)],
                )
                for number in range(ROWS)
            )
        measure_attribute(rows)
        measure_indexing(rows)
        count_queries(rows)
        compare_plans()
    finally:
        with connection.schema_editor() as editor:
            for model in reversed(MODELS):
                editor.delete_model(model)
    print(json.dumps(RESULTS))


if __name__ == "__main__":
    main()
