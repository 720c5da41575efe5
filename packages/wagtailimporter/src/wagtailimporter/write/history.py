"""Revisions and log entries of pages, as an editor's publishing leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Value
from django.utils import timezone
from wagtail.log_actions import get_active_log_context
from wagtail.models import PageLogEntry, Revision, WorkflowState
from wagtail.utils.timestamps import ensure_utc

from wagtailimporter.fields.setters import base_page_model
from wagtailimporter.plan.records import ACTION
from wagtailimporter.write.internals import BATCH, Model, allot_keys, base_content_type

__all__ = [
    "Author",
    "Edition",
    "finish_revisions",
    "prepare_revisions",
    "refresh_revisions",
]


@dataclass(frozen=True)
class Author:
    """Who imports, and what the history of a page says about it."""

    user: Any = None
    comment: str = ""


@dataclass
class Edition:
    """One page that is created or changed, with the state to be in afterwards.

    Attributes:
        page: the finished page.
        is_new: whether it is created.
        is_draft: whether it is not to be published.
        was_live: whether it was before.
        old_title: what the page was called before, if it was stored.
        revision: made by `prepare_revisions`.
        before: fields of the page that its revision holds as they were.
    """

    page: Model
    is_new: bool
    is_draft: bool = False
    was_live: bool = False
    old_title: str = ""
    revision: Any = None
    before: dict[str, Any] | None = None

    @property
    def is_unpublished(self) -> bool:
        """Whether it was live and is no more."""
        return self.is_draft and self.was_live and not self.is_new

    @property
    def is_scheduled(self) -> bool:
        """Whether it goes live later."""
        go_live_at = self.page.go_live_at
        return not self.is_draft and bool(go_live_at and go_live_at > timezone.now())


# What a revision keeps as it was, since publishing sets it only afterwards.
_SET_BY_PUBLISHING = (
    "latest_revision_id",
    "latest_revision_created_at",
    "live_revision_id",
    "live",
    "has_unpublished_changes",
    "first_published_at",
    "last_published_at",
    "expired",
)


def prepare_revisions(editions: Sequence[Edition], author: Author) -> None:
    """Give each page the keys and times of its new revision; no row is written."""
    for edition in editions:
        page = edition.page
        edition.before = {name: getattr(page, name) for name in _SET_BY_PUBLISHING}
        edition.revision = Revision(
            content_type=ContentType.objects.get_for_model(
                page, for_concrete_model=False
            ),
            base_content_type=page.get_base_content_type(),
            object_id=str(page.pk),
            user=author.user,
            object_str=str(page),
            created_at=timezone.now(),
            approved_go_live_at=page.go_live_at if edition.is_scheduled else None,
        )
    allot_keys([edition.revision for edition in editions])
    for edition in editions:
        _publish(edition)


def _publish(edition: Edition) -> None:
    """Set on the page what Wagtail sets when the revision is published."""
    page, revision = edition.page, edition.revision
    page.latest_revision = revision
    page.latest_revision_created_at = revision.created_at
    page.draft_title = page.title
    if edition.is_draft:
        page.live, page.live_revision = False, None
        page.has_unpublished_changes = True
        return
    page.expired = False
    if edition.is_scheduled:
        page.has_unpublished_changes = True
        if not page.live_revision_id or edition.is_new:
            page.live, page.live_revision = False, None
        return
    page.live, page.has_unpublished_changes = True, False
    page.live_revision = revision
    page.last_published_at = revision.created_at
    if page.first_published_at is None:
        page.first_published_at = revision.created_at


def finish_revisions(editions: Sequence[Edition], author: Author) -> None:
    """Write revisions and log entries; the pages and their rows are stored."""
    for edition in editions:
        _set_content(edition)
    _insert_revisions([edition.revision for edition in editions])
    PageLogEntry.objects.bulk_create(
        [entry for edition in editions for entry in _entries(edition, author)],
        batch_size=BATCH,
    )
    _supersede([e for e in editions if not e.is_new])


def _insert_revisions(revisions: list[Any]) -> None:
    """Insert revisions as rows of VALUES.

    Django puts plain values into arrays for UNNEST, and psycopg escapes each of their
    quotes in Python: of JSON there are many, and it takes a tenth of an import.
    """
    field = Revision._meta.get_field("content")
    contents = [revision.content for revision in revisions]
    for revision in revisions:
        revision.content = Value(revision.content, output_field=field)
    Revision.objects.bulk_create(revisions, batch_size=BATCH)
    for revision, content in zip(revisions, contents, strict=True):
        revision.content = content


def _set_content(edition: Edition) -> None:
    content = edition.page.serializable_data()
    for name, value in (edition.before or {}).items():
        content[name.removesuffix("_id")] = value
    edition.revision.content = content


def refresh_revisions(editions: Sequence[Edition]) -> None:
    """Store the content of revisions again, of pages that changed since."""
    for edition in editions:
        _set_content(edition)
    revisions = [edition.revision for edition in editions]
    Revision.objects.bulk_update(revisions, ["content"], batch_size=BATCH)


def _entries(edition: Edition, author: Author) -> list[PageLogEntry]:
    page, revision = edition.page, edition.revision
    user = author.user or get_active_log_context().user
    entries: list[tuple[str, dict[str, Any], bool]] = []
    with_revision = {"revision_id": revision.pk}
    if edition.is_new:
        entries.append(("wagtail.create", {}, True))
    comment = {"data": {"comment": author.comment}} if author.comment else {}
    entries.append((ACTION, {**with_revision, **comment}, True))
    if edition.is_scheduled:
        data = {
            "revision": {
                "id": revision.pk,
                "created": ensure_utc(revision.created_at),
                "go_live_at": ensure_utc(page.go_live_at),
                "has_live_version": page.live,
            }
        }
        entries.append(
            ("wagtail.publish.schedule", {**with_revision, "data": data}, True)
        )
    elif edition.is_unpublished:
        entries.append(("wagtail.unpublish", {}, False))
    elif not edition.is_draft:
        renamed: dict[str, Any] = {}
        if edition.old_title and edition.old_title != str(page):
            names = {"old": edition.old_title, "new": str(page)}
            renamed = {"data": {"title": names}}
            entries.append(("wagtail.rename", {**with_revision, **renamed}, False))
        entries.append(("wagtail.publish", {**with_revision, **renamed}, True))
    return [
        PageLogEntry(
            page_id=page.pk,
            content_type_id=revision.content_type_id,
            label=page.get_admin_display_title(),
            action=action,
            timestamp=revision.created_at,
            user_id=getattr(user, "pk", None),
            uuid=get_active_log_context().uuid,
            content_changed=changed,
            **more,
        )
        for action, more, changed in entries
    ]


def _supersede(editions: list[Edition]) -> None:
    """End the schedules and workflows that publishing supersedes."""
    if not editions:
        return
    keys = [str(edition.page.pk) for edition in editions]
    base = base_content_type(base_page_model())
    Revision.objects.filter(
        base_content_type=base, object_id__in=keys, approved_go_live_at__isnull=False
    ).exclude(pk__in=[e.revision.pk for e in editions]).update(approved_go_live_at=None)
    for state in WorkflowState.objects.filter(
        base_content_type=base,
        object_id__in=keys,
        status__in=(
            WorkflowState.STATUS_IN_PROGRESS,
            WorkflowState.STATUS_NEEDS_CHANGES,
        ),
    ):
        state.cancel()
