# ruff: noqa: DJ008 - models of tests are not shown

from __future__ import annotations

from django.db import models
from django.db.models import Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce, Concat, Now
from django.utils import timezone
from modelsearch import index
from modelsearch.queryset import SearchableQuerySetMixin

from wagtail_derived_fields import DerivedField, MonthsBetween


class Rows(SearchableQuerySetMixin, models.QuerySet):
    pass


class Team(models.Model):
    name = models.CharField(max_length=40)
    rate = models.IntegerField(null=True)


class Job(index.Indexed, models.Model):
    title = models.CharField(max_length=80)
    start_date = models.DateField()
    end_date = models.DateField(null=True)
    places = models.IntegerField(default=1)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="jobs")

    duration = DerivedField(MonthsBetween("start_date", "end_date"))
    days = DerivedField(
        F("end_date") - F("start_date"), output_field=models.DurationField()
    )
    load = DerivedField(F("places") * F("duration"), models.IntegerField())
    is_long = DerivedField(
        Case(
            When(Q(duration__gte=12) & ~Q(places=1), then=Value(True)),
            default=Value(False),
        ),
        models.BooleanField(),
    )
    rate = DerivedField(
        Coalesce("team__rate", 0), models.IntegerField(), depends_on=["team"]
    )
    applicants = DerivedField(
        Count("applications"), models.IntegerField(), depends_on=["applications"]
    )
    label = DerivedField(Concat("title", Value("!")), models.CharField(max_length=81))

    objects = Rows.as_manager()

    search_fields = [
        index.SearchField("title"),
        index.FilterField("id"),
        index.FilterField("title"),
        index.FilterField("places"),
        index.FilterField("start_date"),
        index.FilterField("duration"),
        index.FilterField("days"),
        index.FilterField("load"),
        index.FilterField("is_long"),
        index.FilterField("rate"),
        index.FilterField("applicants"),
    ]

    @classmethod
    def get_indexed_objects(cls):
        # As Page does: a row is indexed as what it is, and once.
        rows = super().get_indexed_objects()
        return rows.filter(contract=None) if cls is Job else rows

    @label.python
    def label(self):
        return f"{self.title}!"


class Contract(Job):
    fee = models.IntegerField(default=0)

    total = DerivedField(F("fee") * F("duration"), models.IntegerField())

    search_fields = [*Job.search_fields, index.FilterField("total")]


class Application(models.Model):
    job = models.ForeignKey(Job, models.CASCADE, related_name="applications")
    name = models.CharField(max_length=40)


class Term(models.Model):
    start_date = models.DateField()
    end_date = models.DateField()
    months = DerivedField(MonthsBetween("start_date", "end_date"), stored=True)


class Yard(models.Model):
    """Values that follow other derived values, through relations both ways."""

    name = models.CharField(max_length=9)
    size = models.IntegerField(null=True)
    above = models.ForeignKey("self", models.CASCADE, null=True, related_name="below")

    safe = DerivedField(Coalesce("size", 0), models.IntegerField())
    parts = DerivedField(Count("below"), models.IntegerField())
    more = DerivedField(F("parts") + 1, models.IntegerField())
    is_big = DerivedField(
        Case(When(parts__gt=1, then=Value(True)), default=Value(False)),
        models.BooleanField(),
    )
    deep = DerivedField(Sum("below__more"), models.IntegerField())
    over = DerivedField(F("above__safe"), models.IntegerField())
    far = DerivedField(F("above__over") + F("safe"), models.IntegerField())
    is_named = DerivedField(models.Q(name__in=["a", "b"]), models.BooleanField())


class Tag(models.Model):
    name = models.CharField(max_length=9)


class Notice(index.Indexed, models.Model):
    """Plain fields of every kind beside values that follow the clock and tags."""

    name = models.CharField(max_length=9)
    made_at = models.DateTimeField()
    opens = models.TimeField(null=True)
    price = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    is_public = models.BooleanField(default=False)
    tags = models.ManyToManyField(Tag, related_name="notices")

    age = DerivedField(
        Now() - F("made_at"), models.DurationField(), time_dependent=True
    )
    tag_count = DerivedField(Count("tags"), models.IntegerField(), depends_on=["tags"])
    made_on = DerivedField("made_at", models.DateTimeField())

    search_fields = [
        index.SearchField("name"),
        *map(
            index.FilterField,
            ["price", "opens", "made_at", "is_public", "tag_count", "made_on", "age"],
        ),
        index.FilterField("shout"),
        index.RelatedFields("tags", [index.FilterField("name")]),
    ]

    class Meta:
        ordering = ["price"]

    def shout(self):
        return self.name.upper()

    @age.python
    def age(self):
        return timezone.now() - self.made_at
