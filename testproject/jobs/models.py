"""Jobs, the page that lists them, and partners who may read them as JSON."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.contrib.postgres.indexes import GinIndex
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from modelsearch.queryset import SearchableQuerySetMixin
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import RichTextField
from wagtail.models import PreviewableMixin, RevisionMixin
from wagtail.search import index
from wagtail.snippets.models import register_snippet

from choice_array_field import ChoiceArrayField
from home.models import IntroducedPage, Team
from jobs.flags import JobFlag
from jobs.lengths import JobLength
from jobs.search import JobSearchForm, find_jobs
from wagtail_derived_fields import DerivedField, MonthsBetween

__all__ = ["FeedPartner", "Job", "JobListPage"]

JOBS_PER_PAGE = 8


class JobQuerySet(SearchableQuerySetMixin, models.QuerySet["Job"]):
    """Jobs by the calendar and by their words."""

    def open(self, today: datetime.date | None = None) -> JobQuerySet:
        """Return the jobs whose term has not ended, soonest end first.

        Args:
            today: None means the day in the site's time zone.
        """
        today = today or timezone.localdate()
        return self.filter(end_date__gte=today).order_by("end_date", "slug")


class Job(PreviewableMixin, RevisionMixin, index.Indexed, models.Model):
    """Work for a term: it can be joined until the term ends."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    team = models.CharField(max_length=10, choices=Team.choices)
    location = models.CharField(max_length=60)
    arrangement = models.CharField(
        max_length=80, help_text='Such as "Paid, three days a week".'
    )
    start_date = models.DateField("first day of the term")
    end_date = models.DateField("last day of the term")
    flags = ChoiceArrayField(
        JobFlag,
        verbose_name="what comes with it",
        default=list,
        blank=True,
        widget="checkboxes",
    )
    duration = DerivedField(
        MonthsBetween("start_date", "end_date"), verbose_name="months of the term"
    )
    description = RichTextField(features=["bold", "italic", "link", "ul"])

    objects = JobQuerySet.as_manager()

    panels = [
        FieldPanel("title"),
        FieldPanel("slug"),
        FieldRowPanel([FieldPanel("team"), FieldPanel("location")]),
        FieldPanel("arrangement"),
        FieldRowPanel([FieldPanel("start_date"), FieldPanel("end_date")]),
        FieldPanel("flags"),
        FieldPanel("description"),
    ]
    search_fields = [
        index.SearchField("title", boost=2),
        index.AutocompleteField("title"),
        index.SearchField("description"),
        index.SearchField("location"),
        index.SearchField("arrangement"),
        index.FilterField("slug"),
        index.FilterField("team"),
        index.FilterField("location"),
        index.FilterField("flags"),
        index.FilterField("start_date"),
        index.FilterField("end_date"),
        index.FilterField("duration"),
    ]

    class Meta:
        ordering = ["end_date", "slug"]
        indexes = [GinIndex(fields=["flags"], name="job_flags")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(end_date__gte=models.F("start_date")),
                name="job_ends_after_it_starts",
                violation_error_message="The last day is before the first day.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the path of the job's own page."""
        return reverse("jobs:job", args=[self.slug])

    @property
    def has_ended(self) -> bool:
        """Whether the last day of the term is over."""
        return self.end_date < timezone.localdate()

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        """Return the template of the job's own page."""
        return "jobs/job.html"

    def get_preview_context(
        self, request: HttpRequest, mode_name: str
    ) -> dict[str, Any]:
        """Return what the template needs."""
        return {"request": request, **self.page_context()}

    def page_context(self) -> dict[str, Any]:
        """Return the context of the job's own page."""
        return {"job": self, "job_list": JobListPage.objects.live().first()}


class JobListPage(IntroducedPage):
    """The open jobs: searched by words, narrowed by place and what comes with them."""

    max_count = 1
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []  # /jobs/SLUG/ belongs to the jobs themselves.

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        """Add the form, one page of the jobs found, and the places with counts."""
        form = JobSearchForm(request.GET)
        form.is_valid()  # What cannot be used is left out of cleaned_data.
        keywords = form.cleaned_data.get("q", "")
        location = form.cleaned_data.get("location", "")
        flags = form.cleaned_data.get("flags", [])
        length = (
            JobLength(chosen) if (chosen := form.cleaned_data.get("length")) else None
        )
        found = find_jobs(Job.objects.open(), keywords, location, flags, length)
        labels = [JobFlag(flag).label for flag in flags]
        return {
            **super().get_context(request, *args, **kwargs),
            "keywords": keywords,
            "location": location,
            "places": found.places,
            "flags": flags,
            "chosen_flags": " and ".join(labels).lower(),
            "is_narrowed": bool(keywords or location or flags or length),
            "length": length,
            "lengths": found.lengths,
            "flag_counts": found.flags,
            "jobs": Paginator(found.jobs, JOBS_PER_PAGE).get_page(
                request.GET.get("page")
            ),
        }


class FeedPartnerForm(WagtailAdminModelForm):
    """Never sends the token to the browser: an empty one leaves it as it is."""

    token = forms.CharField(
        required=False,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Leave empty to keep the present token.",
    )

    def clean_token(self) -> str:
        """Return the new token, or the present one where none was typed."""
        token: str = self.cleaned_data["token"] or self.instance.token
        if not token:
            message = "A new partner needs a token."
            raise forms.ValidationError(message)
        return token


class FeedPartnerManager(models.Manager["FeedPartner"]):
    """Finds a partner as fixtures name it."""

    def get_by_natural_key(self, name: str) -> FeedPartner:
        """Return the partner called `name`."""
        return self.get(name=name)


@register_snippet
class FeedPartner(models.Model):
    """An organisation that may read the open jobs as JSON."""

    name = models.CharField(max_length=80, unique=True)
    token = models.CharField(max_length=200)

    objects = FeedPartnerManager()

    base_form_class = FeedPartnerForm
    panels = [FieldPanel("name"), FieldPanel("token")]

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        """Return what names the partner in a fixture."""
        return (self.name,)
