"""Pages of words and pictures, and what every page of the site has."""

from __future__ import annotations

from django.db import models
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from home.blocks import BodyBlock

__all__ = ["ContentPage", "HomePage", "IntroducedPage", "Team"]


class Team(models.TextChoices):
    """The parts of the organisation that people and jobs belong to."""

    GARDENS = "gardens", "Gardens"
    REPAIR = "repair", "Repair sheds"
    FIELD = "field", "Field crews"
    OFFICE = "office", "Office"


class IntroducedPage(Page):
    """A page that opens with an introduction and an illustration."""

    introduction = models.CharField(
        max_length=300, help_text="One or two sentences; also shown where it is listed."
    )
    illustration = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    search_fields = [*Page.search_fields, index.SearchField("introduction")]
    content_panels = [
        *Page.content_panels,
        FieldPanel("introduction"),
        FieldPanel("illustration"),
    ]

    class Meta:
        abstract = True


class HomePage(IntroducedPage):
    """The front door."""

    headline = models.CharField(max_length=80)
    body = StreamField(BodyBlock(), blank=True)

    parent_page_types = ["wagtailcore.Page"]
    search_fields = [*IntroducedPage.search_fields, index.SearchField("body")]
    content_panels = [
        *IntroducedPage.content_panels,
        FieldPanel("headline"),
        FieldPanel("body"),
    ]

    def sections(self) -> models.QuerySet[ContentPage]:
        """Return the pages of the menu that have an illustration, with it."""
        return ContentPage.listed(self).filter(
            show_in_menus=True, illustration__isnull=False
        )


class ContentPage(IntroducedPage):
    """A page about one thing; pages below it are listed at its foot."""

    body = StreamField(BodyBlock(), blank=True)

    parent_page_types = ["home.HomePage", "home.ContentPage"]
    subpage_types = ["home.ContentPage"]
    search_fields = [*IntroducedPage.search_fields, index.SearchField("body")]
    content_panels = [*IntroducedPage.content_panels, FieldPanel("body")]

    @classmethod
    def listed(cls, parent: Page) -> models.QuerySet[ContentPage]:
        """Return the public pages below `parent`, ready to be drawn as cards."""
        pages: models.QuerySet[ContentPage] = (
            cls.objects.child_of(parent)
            .live()
            .public()
            .select_related("illustration")
            .prefetch_related("illustration__renditions")
        )
        return pages

    def below(self) -> models.QuerySet[ContentPage]:
        """Return the public pages below this one."""
        return self.listed(self)
