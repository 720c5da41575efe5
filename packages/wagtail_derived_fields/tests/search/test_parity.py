"""The same answers from PostgreSQL and Elasticsearch: rows, order, counts and facets."""

from __future__ import annotations

import datetime
import random

import pytest
from django.db.models import Q
from django.test import override_settings
from modelsearch.backends import get_search_backend
from modelsearch.query import MATCH_ALL

from tests.conftest import DATABASE
from tests.testapp.models import Application, Contract, Job, Team

pytestmark = [pytest.mark.elasticsearch, pytest.mark.django_db]
QUERIES = 300
FACETS = ["duration", "load", "is_long", "rate", "applicants", "days", "start_date"]
WORDS = ["oak", "elm", "ash"]
NUMBERS = {
    "duration": [-14, -1, 0, 1, 7, 12, 30, 2**70, -(2**70)],
    "load": [-28, 0, 2, 24, 60, 2**31, -(2**40)],
    "rate": [0, 10, 20, 2**31],
    "applicants": [0, 1, 2, 3],
    "places": [0, 1, 2, 3, 2**31, -(2**33)],
}


@pytest.fixture(scope="module")
def rows(django_db_setup, django_db_blocker, elasticsearch_backend):
    """Some 400 jobs with every odd value, in both indexes, for all tests of the module."""
    random_ = random.Random(7)
    with django_db_blocker.unblock():
        backends = {
            "default": {**DATABASE, "AUTO_UPDATE": False},
            "elasticsearch": {**elasticsearch_backend, "AUTO_UPDATE": False},
        }
        with override_settings(MODELSEARCH_BACKENDS=backends):
            teams = [Team.objects.create(name=n, rate=r) for n, r in TEAMS]
            for number in range(400):
                make_job(random_, teams, number)
            back_ends = [get_search_backend(name) for name in backends]
            fill(back_ends[1], Job, Contract)
            fill(back_ends[0], Job, Contract)
            yield back_ends
            for model in (Application, Contract, Job, Team):
                model.objects.all().delete()


TEAMS = [("Trees", 10), ("Rivers", 20), ("Sheds", None)]


def make_job(random_, teams, number):
    start = datetime.date(2026, 1, 1) + datetime.timedelta(random_.randrange(800))
    ends = [None, start, start + datetime.timedelta(random_.randrange(-400, 900))]
    kind = Contract if number % 7 == 0 else Job
    job = kind.objects.create(
        title=" ".join(random_.sample(WORDS, random_.randrange(1, 4))),
        start_date=start,
        end_date=random_.choice(ends),
        places=random_.randrange(4),
        team=random_.choice([None, *teams]),
    )
    for _ in range(random_.choice([0, 0, 1, 2, 3])):
        Application.objects.create(job=job, name="x")


def fill(backend, *models):
    if backend.rebuilder_class is None:
        return
    rebuilder = backend.rebuilder_class(backend.get_index_for_model(models[0]))
    index = rebuilder.start()
    for model in models:
        index.add_model(model)
        index.add_items(model, list(model.get_indexed_objects().order_by("pk")))
    rebuilder.finish()
    backend.get_index_for_model(models[0]).refresh()


def make_condition(random_, depth=2):
    if depth and random_.random() < 0.6:
        parts = [make_condition(random_, depth - 1) for _ in range(2)]
        joined = parts[0] & parts[1] if random_.random() < 0.5 else parts[0] | parts[1]
        return ~joined if random_.random() < 0.3 else joined
    name, value = make_lookup(random_)
    return ~Q(**{name: value}) if random_.random() < 0.3 else Q(**{name: value})


def make_lookup(random_):
    kind = random_.choice([*NUMBERS, "days", "is_long", "start_date"])
    if kind == "is_long":
        return random_.choice([("is_long", random_.random() < 0.5), ("is_long", None)])
    if kind == "days":
        values = [datetime.timedelta(days) for days in (-90, 0, 1, 365)]
    elif kind == "start_date":
        values = [datetime.date(2026, 1, 1), datetime.date(2027, 6, 15)]
    else:
        values = NUMBERS[kind]
    lookup = random_.choice(
        ["exact", "gt", "gte", "lt", "lte", "range", "in", "isnull"]
    )
    if lookup == "isnull":
        return f"{kind}__isnull", random_.random() < 0.5
    if lookup == "range":
        return f"{kind}__range", tuple(random_.choices(values, k=2))
    if lookup == "in":
        return f"{kind}__in", random_.choices([*values, None], k=3)
    return f"{kind}__{lookup}", random_.choice(values)


@pytest.mark.parametrize("seed", range(0, QUERIES, 30))
def test_generated_queries_find_the_same_rows_in_the_same_order(seed, rows):
    for number in range(seed, seed + 30):
        random_ = random.Random(number)
        condition = make_condition(random_)
        order = random_.choice(["", "-"]) + random_.choice(
            [*NUMBERS, "days", "is_long"]
        )
        model = random_.choice([Job, Job, Contract])
        words = random_.choice([MATCH_ALL, *WORDS])
        found = model.objects.filter(condition).order_by(order)
        expected, actual = (
            backend.search(words, found, order_by_relevance=False) for backend in rows
        )
        what = f"seed {number}: {model.__name__} {words} {condition} by {order}"
        ids = [job.pk for job in expected]
        assert [job.pk for job in actual] == ids, what
        assert actual.count() == expected.count() == len(ids), what
        page = slice(3, 9)
        assert [job.pk for job in actual[page]] == ids[page], what
        facet = random_.choice(FACETS)
        assert list(actual.facet(facet).items()) == list(
            expected.facet(facet).items()
        ), f"{what}: facet {facet}"


def test_every_value_has_its_facet_and_none_stands_for_null_alone(rows):
    for name in FACETS:
        stock, ours = (backend.search(MATCH_ALL, Job).facet(name) for backend in rows)
        assert stock == ours
        assert [type(key) for key in stock] == [type(key) for key in ours]
    durations = rows[1].search(MATCH_ALL, Job).facet("duration")
    assert len(durations) > 10
    assert {None, 0} <= set(durations)


def test_meta_ordering_counts(rows):
    expected, actual = (
        backend.search(
            MATCH_ALL, Contract.objects.order_by("-total"), order_by_relevance=False
        )
        for backend in rows
    )
    assert [job.pk for job in actual] == [job.pk for job in expected]
