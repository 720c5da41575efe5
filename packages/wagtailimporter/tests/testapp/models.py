from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.managers import TaggableManager
from wagtail import blocks
from wagtail.contrib.forms.models import AbstractForm, AbstractFormField
from wagtail.contrib.settings.models import (
    BaseGenericSetting,
    BaseSiteSetting,
    register_setting,
)
from wagtail.contrib.table_block.blocks import TableBlock
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.embeds.blocks import EmbedBlock
from wagtail.fields import RichTextField, StreamField
from wagtail.images.blocks import ImageBlock, ImageChooserBlock
from wagtail.models import DraftStateMixin, Orderable, Page, RevisionMixin
from wagtail.snippets.blocks import SnippetChooserBlock
from wagtail.snippets.models import register_snippet


class ChoosyBlock(blocks.PageChooserBlock):
    def clean(self, value: object) -> object:
        raise ValidationError("Not on a Monday.")


class LinkBlock(blocks.StructBlock):
    page = blocks.PageChooserBlock()
    text = blocks.CharBlock(max_length=30)
    notes = blocks.ListBlock(blocks.CharBlock())


class Body(blocks.StreamBlock):
    heading = blocks.CharBlock()
    paragraph = blocks.RichTextBlock()
    html = blocks.RawHTMLBlock()
    link = LinkBlock()
    links = blocks.ListBlock(LinkBlock(), min_num=1)
    section = blocks.StreamBlock(
        [("heading", blocks.CharBlock()), ("link", LinkBlock())], max_num=2
    )
    home = blocks.PageChooserBlock(page_type="testapp.HomePage")
    choosy = ChoosyBlock()
    image = ImageChooserBlock()
    figure = ImageBlock()
    document = DocumentChooserBlock()
    topic = SnippetChooserBlock("testapp.Topic")
    number = blocks.IntegerBlock(required=False)
    day = blocks.DateBlock()
    flag = blocks.BooleanBlock(required=False)
    colour = blocks.ChoiceBlock(choices=[("red", "Red"), ("010", "Ten")])
    colours = blocks.MultipleChoiceBlock(choices=[("red", "Red"), ("no", "No")])
    rule = blocks.StaticBlock()
    embed = EmbedBlock()
    table = TableBlock()


class Topic(models.Model):
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.title


register_snippet(Topic)


class HomePage(Page):
    subtitle = models.CharField(max_length=50, blank=True)
    max_count = 2
    subpage_types = [
        "testapp.ArticlePage",
        "testapp.FormPage",
        "testapp.NeedyPage",
        "testapp.PlainPage",
    ]


class PlainPage(Page):
    body = models.TextField(blank=True)
    code = models.CharField(max_length=9, unique=True, null=True, blank=True)
    stars = models.IntegerField(default=1)
    subpage_types: list[str] = []
    max_count_per_parent = 1

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(stars__gte=0), name="stars")
        ]


class ArticlePage(Page):
    intro = RichTextField(blank=True)
    code = models.CharField(max_length=60, blank=True)
    day = models.DateField(null=True, blank=True)
    moment = models.DateTimeField(null=True, blank=True)
    opens = models.TimeField(null=True, blank=True)
    rating = models.IntegerField(null=True, blank=True)
    is_open = models.BooleanField(default=False)
    nickname = models.CharField(max_length=60, null=True, blank=True)  # noqa: DJ001
    data = models.JSONField(null=True, blank=True)
    words = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    other = models.ForeignKey(
        Page, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    image = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    topics = ParentalManyToManyField(Topic, blank=True)
    body = StreamField(Body(), blank=True)

    @property
    def shout(self) -> list[str]:
        return [self.code[2:-3]] if self.code else []

    @shout.setter
    def shout(self, words: list[str]) -> None:
        self.code = f"{words}!"


class FormPage(AbstractForm):
    pass


class FormField(AbstractFormField):
    page = ParentalKey(FormPage, related_name="form_fields")


class Related(Orderable):
    article = ParentalKey(ArticlePage, related_name="related")
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(max_length=20)
    code = models.CharField(max_length=9, unique=True, null=True, blank=True)
    topics = models.ManyToManyField(Topic, blank=True)


class NeedyPage(Page):
    needs = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="+")


class Job(models.Model):
    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=100)
    code = models.CharField(max_length=10, unique=True, null=True, blank=True)
    email = models.EmailField(blank=True)
    letter = models.FileField(blank=True)
    contact = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE)
    topics = models.ManyToManyField(Topic, blank=True)
    page = models.ForeignKey(Page, null=True, blank=True, on_delete=models.CASCADE)
    tags = TaggableManager(blank=True)

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        self.email = self.email.lower()


class Seat(models.Model):
    row = models.CharField(max_length=5)
    number = models.IntegerField()
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["row", "number"], name="seat")]

    def __str__(self) -> str:
        return f"{self.row}{self.number}"


class Banner(DraftStateMixin, RevisionMixin, models.Model):
    slug = models.SlugField(unique=True)
    text = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.text


@register_setting
class SocialMedia(BaseSiteSetting):
    mastodon_url = models.URLField(blank=True)
    image = models.ForeignKey(
        "wagtailimages.Image", null=True, blank=True, on_delete=models.SET_NULL
    )


@register_setting
class Brand(BaseGenericSetting):
    colour = models.CharField(max_length=20, blank=True)
