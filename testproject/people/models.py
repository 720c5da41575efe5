"""The people of the organisation, and the page that lists them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.http import HttpRequest
from modelsearch.queryset import SearchableQuerySetMixin
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import RevisionMixin
from wagtail.search import index

from choice_array_field import ChoiceArrayField
from home.models import IntroducedPage, Team
from postgres_composite_types import CompositeType

__all__ = ["Address", "PeoplePage", "Person", "Skill"]


class Address(CompositeType):
    """Where letters reach somebody."""

    street = models.CharField(max_length=80)
    suburb = models.CharField(max_length=40)
    postcode = models.CharField(
        max_length=4, validators=[RegexValidator(r"^\d{4}$", "Four digits.")]
    )

    class Meta:
        db_type = "people_address"

    def __str__(self) -> str:
        return f"{self.street}, {self.suburb} {self.postcode}"


class Skill(models.TextChoices):
    """What somebody can be asked about."""

    GROWING = "growing", "Growing food"
    GRAFTING = "grafting", "Grafting"
    WOODWORK = "woodwork", "Woodwork"
    ELECTRONICS = "electronics", "Electronics"
    WATER = "water", "Water testing"
    CLIMBING = "climbing", "Tree climbing"
    TEACHING = "teaching", "Teaching"
    FIRST_AID = "first_aid", "First aid"


class PersonQuerySet(SearchableQuerySetMixin, models.QuerySet["Person"]):
    """People by their words."""


class Person(RevisionMixin, index.Indexed, models.Model):
    """Somebody to write to."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=120)
    team = models.CharField(max_length=10, choices=Team.choices)
    biography = RichTextField(features=["bold", "italic", "link"])
    portrait = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    skills = ChoiceArrayField(
        Skill,
        default=list,
        blank=True,
        widget="checkboxes",
        help_text="What they can be asked about; shown on the site.",
    )
    address = Address.Field(
        null=True, blank=True, help_text="Where letters reach them; shown on the site."
    )
    previous_addresses = ArrayField(
        Address.Field(), default=list, blank=True, help_text="Not shown on the site."
    )

    objects = PersonQuerySet.as_manager()

    panels = [
        FieldPanel("name"),
        FieldPanel("slug"),
        FieldPanel("role"),
        FieldPanel("team"),
        FieldPanel("skills"),
        FieldPanel("biography"),
        FieldPanel("portrait"),
        FieldPanel("address"),
        FieldPanel("previous_addresses"),
    ]
    search_fields = [
        index.SearchField("name", boost=2),
        index.AutocompleteField("name"),
        index.SearchField("role"),
        index.SearchField("biography"),
        index.SearchField("suburb"),
        index.FilterField("team"),
        index.FilterField("skills"),
    ]

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "people"
        indexes = [GinIndex(fields=["skills"], name="person_skills")]
        constraints = [
            # PostgreSQL has no NOT NULL inside a type.
            models.CheckConstraint(
                condition=models.Q(address__isnull=True)
                | models.Q(
                    address__street__isnull=False,
                    address__suburb__isnull=False,
                    address__postcode__isnull=False,
                ),
                name="person_address_is_whole",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def suburb(self) -> str:
        """Return where letters reach them, for the search; empty if nowhere."""
        return self.address.suburb if self.address else ""


class SuburbForm(forms.Form):
    """What the visitor of the list of people asks for."""

    suburb = forms.CharField(required=False, max_length=40)


class PeoplePage(IntroducedPage):
    """Everybody, by team."""

    max_count = 1
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        """Add `teams`: pairs of a team's name and its people, in the teams' order.

        `suburbs` are those with somebody in them; `suburb` is the one asked for.
        """
        form = SuburbForm(request.GET)
        form.is_valid()  # What cannot be used is left out of cleaned_data.
        suburb = form.cleaned_data.get("suburb", "")
        everybody = Person.objects.prefetch_related("portrait__renditions")
        people = sorted(
            everybody.filter(address__suburb=suburb) if suburb else everybody,
            key=lambda person: Team.values.index(person.team),
        )
        teams = [
            (Team(team).label, list(members))
            for team, members in groupby(people, key=lambda person: person.team)
        ]
        return {
            **super().get_context(request, *args, **kwargs),
            "suburb": suburb,
            "suburbs": Person.objects.filter(address__isnull=False)
            .order_by("address__suburb")
            .values_list("address__suburb", flat=True)
            .distinct(),
            "teams": teams,
        }
