"""Call the receivers that others connected, with finished objects."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, router
from django.db.models.signals import post_save, pre_save
from wagtail.signals import page_published, page_unpublished, published, unpublished

from wagtailimporter.write.internals import Model, receivers

__all__ = [
    "RefusedError",
    "announce_after",
    "announce_before",
    "announce_published",
    "announce_unpublished",
]


class RefusedError(Exception):
    """A receiver refused an instance; the cause says why."""

    def __init__(self, instance: Model) -> None:
        self.instance = instance
        super().__init__(repr(instance))


def announce_before(instances: Sequence[Model]) -> None:
    """Send `pre_save` for each instance, complete but for its row."""
    _send(pre_save, instances)


def announce_after(instances: Sequence[Model], created: Container[int]) -> None:
    """Send `post_save`; `created` holds the ids of the objects that are new."""
    _send(post_save, instances, created)


def _send(
    signal: Any, instances: Sequence[Model], created: Container[int] | None = None
) -> None:
    for instance in instances:
        sender = type(instance)
        for receiver in receivers(signal, sender):
            more = {} if created is None else {"created": id(instance) in created}
            try:
                receiver(
                    signal=signal,
                    sender=sender,
                    instance=instance,
                    raw=False,
                    using=router.db_for_write(sender),
                    update_fields=None,
                    **more,
                )
            except (ValidationError, DatabaseError) as error:
                raise RefusedError(instance) from error


def announce_unpublished(page: Model) -> None:
    """Send what Wagtail sends when a page is unpublished."""
    for signal in (page_unpublished, unpublished):
        signal.send(sender=type(page), instance=page)


def announce_published(page: Model, revision: Model) -> None:
    """Send what Wagtail sends when a page is published or scheduled."""
    for signal in (page_published, published):
        signal.send(sender=type(page), instance=page, revision=revision)
