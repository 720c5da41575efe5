from __future__ import annotations

from django.db import models
from wagtail.models import Page
from wagtail.search import index

from wagtail_derived_fields import DerivedField, MonthsBetween


class JobPage(Page):
    start_date = models.DateField()
    end_date = models.DateField(null=True, blank=True)

    duration = DerivedField(MonthsBetween("start_date", "end_date"))

    search_fields = [*Page.search_fields, index.FilterField("duration")]
