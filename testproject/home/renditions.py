"""Scaled copies of images: made when first asked for, and again if their file is lost."""

from __future__ import annotations

from wagtail.images import get_image_model

__all__ = ["forget_lost_renditions"]


def forget_lost_renditions() -> None:
    """Delete the rows of renditions whose files are gone, so that they are made anew."""
    renditions = get_image_model().get_rendition_model()._default_manager
    lost = [
        rendition.pk
        for rendition in renditions.all()
        if not rendition.file.storage.exists(rendition.file.name)
    ]
    renditions.filter(pk__in=lost).delete()
