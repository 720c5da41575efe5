"""What the body of a page is made of."""

from __future__ import annotations

from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

__all__ = ["BodyBlock"]

_INLINE = ["bold", "italic", "link"]


class FigureBlock(blocks.StructBlock):
    """An image with a caption; its alternative text is the image's own."""

    image = ImageChooserBlock()
    caption = blocks.CharBlock(required=False)

    class Meta:
        icon = "image"
        template = "home/blocks/figure.html"


class QuoteBlock(blocks.StructBlock):
    """What somebody said."""

    text = blocks.TextBlock()
    attribution = blocks.CharBlock(required=False)

    class Meta:
        icon = "openquote"
        template = "home/blocks/quote.html"


class FactBlock(blocks.StructBlock):
    """One line of a fact list: "Open" and "Saturdays, 9 am to noon"."""

    term = blocks.CharBlock()
    detail = blocks.CharBlock()


class LinkBlock(blocks.StructBlock):
    """A page and why to read it."""

    page = blocks.PageChooserBlock()
    note = blocks.CharBlock(required=False)


class LinkListBlock(blocks.StructBlock):
    """Pages worth reading next."""

    title = blocks.CharBlock()
    links = blocks.ListBlock(LinkBlock())

    class Meta:
        icon = "link"
        template = "home/blocks/link_list.html"


class CallToActionBlock(blocks.StructBlock):
    """One thing to do next, as a button."""

    text = blocks.CharBlock()
    page = blocks.PageChooserBlock()
    label = blocks.CharBlock()

    class Meta:
        icon = "arrow-right"
        template = "home/blocks/call_to_action.html"


class BodyBlock(blocks.StreamBlock):
    """The body of a page, from top to bottom."""

    heading = blocks.CharBlock(icon="title", template="home/blocks/heading.html")
    paragraph = blocks.RichTextBlock(features=[*_INLINE, "h3", "ol", "ul"])
    image = FigureBlock()
    quote = QuoteBlock()
    facts = blocks.ListBlock(
        FactBlock(), icon="list-ul", template="home/blocks/facts.html"
    )
    steps = blocks.ListBlock(
        blocks.RichTextBlock(features=_INLINE),
        icon="list-ol",
        template="home/blocks/steps.html",
    )
    links = LinkListBlock()
    call_to_action = CallToActionBlock()
