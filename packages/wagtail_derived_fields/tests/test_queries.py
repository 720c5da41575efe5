from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import FieldError
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum

from wagtail_derived_fields.exceptions import AssignmentError

from .testapp.models import Application, Contract, Job, Team, Term

pytestmark = pytest.mark.django_db


def day(text):
    return datetime.date.fromisoformat(text)


@pytest.fixture
def jobs():
    team = Team.objects.create(name="Trees", rate=30)
    rows = [
        Job(title="short", start_date=day("2026-01-31"), end_date=day("2026-03-01")),
        Job(title="long", start_date=day("2026-01-01"), end_date=day("2027-07-01")),
        Job(title="open", start_date=day("2026-01-01"), end_date=None),
    ]
    rows[1].team, rows[1].places = team, 2
    for row in rows:
        row.save()
    Application.objects.create(job=rows[0], name="Ana")
    return rows


def titles(queryset):
    return [job.title for job in queryset.order_by("id")]


def test_the_attribute_follows_its_fields_saved_or_not():
    job = Job(title="new", start_date=day("2026-01-01"), end_date=day("2026-04-01"))
    assert job.duration == 3
    job.end_date = None
    assert job.duration is None
    assert job.load is None
    assert job.is_long is False


def test_filters(jobs):
    assert titles(Job.objects.filter(duration__range=(1, 12))) == ["short"]
    assert titles(Job.objects.exclude(duration__lt=3)) == ["long", "open"]
    assert titles(Job.objects.filter(duration=None)) == ["open"]
    assert titles(Job.objects.filter(Q(duration__gt=12) | Q(title="open"))) == [
        "long",
        "open",
    ]
    assert titles(Job.objects.filter(load__gt=F("duration"))) == ["long"]
    assert titles(Job.objects.filter(is_long=True)) == ["long"]
    assert titles(Job.objects.filter(rate=30)) == ["long"]
    assert titles(Job.objects.filter(applicants__gte=1)) == ["short"]
    assert titles(Job.objects.filter(days__gt=datetime.timedelta(days=29))) == ["long"]


def test_values_and_aggregates(jobs):
    assert list(Job.objects.order_by("id").values_list("duration", "rate")) == [
        (1, 0),
        (18, 30),
        (None, 0),
    ]
    assert Job.objects.aggregate(Sum("duration")) == {"duration__sum": 19}
    assert list(
        Job.objects.values("rate").annotate(n=Count("pk")).order_by("rate")
    ) == [
        {"rate": 0, "n": 2},
        {"rate": 30, "n": 1},
    ]
    assert [job.title for job in Job.objects.order_by("-applicants", "id")] == [
        "short",
        "long",
        "open",
    ]
    assert Job.objects.annotate(twice=F("duration") * 2).get(title="long").twice == 36


def test_across_relations(jobs):
    assert [t.name for t in Team.objects.filter(jobs__duration__gt=12)] == ["Trees"]
    assert [t.name for t in Team.objects.filter(jobs__applicants=0)] == ["Trees"]
    assert Team.objects.aggregate(n=Sum("jobs__load")) == {"n": 36}
    assert Application.objects.filter(job__applicants=1, job__rate=0).count() == 1
    assert Application.objects.values_list("job__duration", flat=True).get() == 1


def test_in_subqueries(jobs):
    longest = Job.objects.filter(team=OuterRef("pk")).order_by("-duration")
    teams = Team.objects.annotate(longest=Subquery(longest.values("duration")[:1]))
    assert teams.get().longest == 18
    same = Job.objects.filter(duration=OuterRef("duration")).exclude(pk=OuterRef("pk"))
    assert not Job.objects.filter(pk__in=same.values("pk")[:0]).exists()
    popular = Job.objects.filter(applicants=OuterRef("applicants"))
    counted = Job.objects.annotate(
        peers=Subquery(
            popular.values("applicants").annotate(n=Count("pk")).values("n")[:1]
        )
    )
    assert [job.peers for job in counted.order_by("id")] == [1, 2, 2]


def test_union_and_distinct(jobs):
    short, long = (Job.objects.filter(title=t) for t in ("short", "long"))
    both = short.values_list("duration").union(long.values_list("duration"))
    assert sorted(both) == [(1,), (18,)]
    assert len(Job.objects.order_by("rate", "id").distinct("rate")) == 2


def test_children_with_tables_of_their_own():
    contract = Contract.objects.create(
        title="c", start_date=day("2026-01-01"), end_date=day("2026-03-01"), fee=5
    )
    assert Contract.objects.filter(duration=2, total=10).get() == contract
    assert contract.duration == 2
    assert contract.total == 10
    assert Contract._meta.get_field("duration").model is Job
    assert list(Contract.objects.values_list("applicants", flat=True)) == [0]


def test_it_cannot_be_set_or_updated(jobs):
    with pytest.raises(AssignmentError, match="is derived and cannot be set"):
        jobs[0].duration = 3
    for value in (3, F("places")):
        with pytest.raises(FieldError, match="duration"):
            Job.objects.update(duration=value)
    with pytest.raises(ValueError, match="concrete fields"):
        Job.objects.bulk_update(jobs, ["duration"])


def test_a_count_of_rows_is_asked_of_the_database(jobs, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert jobs[0].applicants == 1
    assert Job(title="new").applicants is None


def test_an_instance_is_cleaned(jobs):
    for job in [
        *jobs,
        Job(title="new", start_date=day("2026-01-01"), team=jobs[1].team),
    ]:
        job.full_clean(exclude=["team", "end_date"])


def test_deferred_fields_are_loaded(jobs):
    assert Job.objects.only("title").get(title="long").duration == 18
    assert Job.objects.defer("duration").get(title="long").duration == 18


def test_a_stored_value_is_fresh_and_has_a_column():
    term = Term(start_date=day("2026-01-01"), end_date=day("2026-03-01"))
    assert term.months == 2
    term.save()
    term.end_date = day("2026-06-01")
    term.save()
    assert term.months == 5
    assert Term.objects.filter(months=5).exists()


def test_a_stored_value_is_set_by_django_alone():
    term = Term(start_date=day("2026-01-01"), end_date=day("2026-03-01"))
    with pytest.raises(AssignmentError, match=r"Term.months is derived and cannot be"):
        term.months = 7

    Term.objects.bulk_create([term])
    term.refresh_from_db()
    term.full_clean()
    assert term.months == 2
    with pytest.raises(AssignmentError):
        Term.objects.get().months = 7
