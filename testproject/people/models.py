"""The people of the organisation, and the page that lists them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db import models
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.search import index
from wagtail.snippets.models import register_snippet

from home.models import IntroducedPage, Team

__all__ = ["PeoplePage", "Person"]


@register_snippet
class Person(index.Indexed, models.Model):
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

    panels = [
        FieldPanel("name"),
        FieldPanel("slug"),
        FieldPanel("role"),
        FieldPanel("team"),
        FieldPanel("biography"),
        FieldPanel("portrait"),
    ]
    search_fields = [
        index.SearchField("name", boost=2),
        index.AutocompleteField("name"),
        index.SearchField("role"),
        index.SearchField("biography"),
        index.FilterField("team"),
    ]

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name


class PeoplePage(IntroducedPage):
    """Everybody, by team."""

    max_count = 1
    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []

    def get_context(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        """Add `teams`: pairs of a team's name and its people, in the teams' order."""
        people = sorted(
            Person.objects.prefetch_related("portrait__renditions"),
            key=lambda person: Team.values.index(person.team),
        )
        teams = [
            (Team(team).label, list(members))
            for team, members in groupby(people, key=lambda person: person.team)
        ]
        return {**super().get_context(request, *args, **kwargs), "teams": teams}
