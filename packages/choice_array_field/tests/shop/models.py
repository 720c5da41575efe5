"""The models of what others show: the admin, Wagtail, search, REST, filters."""

from __future__ import annotations

import datetime
import decimal

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from modelsearch import index
from wagtail.admin.panels import FieldPanel
from wagtail.models import DraftStateMixin, RevisionMixin

from choice_array_field import ChoiceArrayField


class Flag(models.TextChoices):
    """Declared in another order than that of the values."""

    DEFECT = "defect", "Defect"
    ENHANCEMENT = "enhancement", "Enhancement"
    DOCS = "docs", "Documentation, all of it"


class Size(models.IntegerChoices):
    SMALL = 1, "Small"
    LARGE = 3, "Large"
    MIDDLE = 2, "Middle"


WEIGHTS = [(decimal.Decimal("1.5"), "Light"), (decimal.Decimal(12), "Heavy")]
DAYS = [
    ("Spring", [(datetime.date(2026, 3, 1), "First of March")]),
    ("Autumn", [(datetime.date(2026, 9, 1), "First of September")]),
]
HOURS = [
    (datetime.datetime(2026, 1, 1, 9, tzinfo=datetime.timezone.utc), "Morning"),
    (datetime.datetime(2026, 1, 1, 21, tzinfo=datetime.timezone.utc), "Evening"),
]


class Box(index.Indexed, models.Model):
    name = models.CharField(max_length=20)

    search_fields = [
        index.SearchField("name"),
        index.RelatedFields("items", [index.FilterField("flags")]),
    ]

    def __str__(self) -> str:
        return self.name


class Item(index.Indexed, models.Model):
    title = models.CharField(max_length=40)
    box = models.ForeignKey(
        Box, models.SET_NULL, null=True, blank=True, related_name="items"
    )
    flags = ChoiceArrayField(Flag, default=list, blank=True)
    loose = ChoiceArrayField(Flag, default=list, blank=True, enforce=False)
    sizes = ChoiceArrayField(Size, null=True, blank=True)
    weights = ChoiceArrayField(
        models.DecimalField(max_digits=5, decimal_places=2, choices=WEIGHTS),
        default=list,
        blank=True,
    )
    days = ChoiceArrayField(
        models.DateField(choices=DAYS), default=list, blank=True, max_choices=1
    )
    hours = ChoiceArrayField(
        models.DateTimeField(choices=HOURS), default=list, blank=True
    )

    search_fields = [
        index.SearchField("title"),
        index.FilterField("title"),
        index.FilterField("flags"),
        index.FilterField("loose"),
        index.FilterField("sizes"),
        index.FilterField("weights"),
        index.FilterField("days"),
        index.FilterField("hours"),
        index.RelatedFields("box", [index.FilterField("name")]),
    ]

    class Meta:
        ordering = ["title"]
        indexes = [
            GinIndex(fields=[name], name=f"item_{name}")
            for name in ("flags", "loose", "sizes", "weights", "days", "hours")
        ]

    def __str__(self) -> str:
        return self.title


class Notice(DraftStateMixin, RevisionMixin, models.Model):
    title = models.CharField(max_length=40)
    flags = ChoiceArrayField(Flag, default=list, blank=True, widget="checkboxes")
    loose = ChoiceArrayField(Flag, default=list, blank=True, enforce=False)
    days = ChoiceArrayField(models.DateField(choices=DAYS), default=list, blank=True)

    panels = [
        FieldPanel("title"),
        FieldPanel("flags"),
        FieldPanel("loose"),
        FieldPanel("days", read_only=True),
    ]

    def __str__(self) -> str:
        return self.title
