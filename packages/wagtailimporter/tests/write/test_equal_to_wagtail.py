"""What is written in bulk equals what Wagtail writes, page by page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models.signals import post_save, pre_save
from django.test.utils import CaptureQueriesContext
from modelsearch.conf import get_app_config
from tests.folders import ARTICLE, HOME, article
from tests.testapp.models import ArticlePage, HomePage, Related, Topic
from wagtail.models import Page, PageLogEntry, ReferenceIndex, Revision
from wagtail.signals import page_published

from wagtailimporter.write.internals import child_path, references_of

pytestmark = pytest.mark.django_db

COUNT = 12
LINK = """
---
url: /main/p{n}
type: testapp.articlepage
title: Page {n}
intro: <p>Intro {n}</p>
day: 2024-01-02
other: !page {{url: /main/p{other}}}
topics: [!testapp.topic {{slug: t}}]
related:
- {{page: !page {{url: /main/p{other}}}, label: First}}
- {{page: !page {{url: /main}}, label: Second}}
body:
- {{type: heading, value: Title {n}}}
- {{type: link, page: !page {{url: /main/p{other}}}, text: Other, notes: [a, b]}}
- {{type: paragraph, value: <p>Text {n}</p>}}
"""
TOPIC = "!testapp.topic {slug: t, title: T}"


def text() -> str:
    return TOPIC + "".join(
        LINK.format(n=n, other=(n + 1) % COUNT) for n in range(COUNT)
    )


def by_wagtail(home: Page) -> None:
    """Create the same pages with `add_child`, then publish each."""
    topic = Topic.objects.create(slug="t", title="T")
    pages = [
        home.add_child(
            instance=ArticlePage(
                title=f"Page {n}",
                intro=f"<p>Intro {n}</p>",
                day="2024-01-02",
                slug=f"p{n}",
            )
        )
        for n in range(COUNT)
    ]
    for n, page in enumerate(pages):
        other = pages[(n + 1) % COUNT]
        page.other_id = other.pk
        page.topics = [topic]
        page.related = [
            Related(page_id=other.pk, label="First", sort_order=0),
            Related(page_id=home.pk, label="Second", sort_order=1),
        ]
        page.body = [
            ("heading", f"Title {n}"),
            ("link", {"page": other, "text": "Other", "notes": ["a", "b"]}),
            ("paragraph", f"<p>Text {n}</p>"),
        ]
        page.save()
        page = ArticlePage.objects.get(pk=page.pk)  # rows with their keys
        page.save_revision().publish()


# Keys of rows and blocks, and what the history of the index decides.
ROW_KEYS = {"id", "pk", "uuid", "title_norm", "content_path_hash", "translation_key"}
# Columns, members and attributes that hold the key of a page.
PAGES = {
    *("page_ptr_id", "other", "other_id", "page", "page_id", "article", "article_id"),
    *("object_id", "to_object_id"),
}


def rows_of_everything() -> dict[str, list[Any]]:
    """Return the rows that pages have in the database, ids and times masked."""
    entries = get_app_config().get_model("IndexEntry")
    pages = {str(p.pk): p.url_path for p in Page.objects.all()}
    found = {
        model.__name__: sorted(
            json.dumps(_masked(row, pages), default=str, sort_keys=True)
            for row in model._base_manager.values()
        )
        for model in (ArticlePage, Related, Revision, ReferenceIndex, entries)
    }
    found["topics"] = sorted(
        (pages[str(a)], t)
        for a, t in ArticlePage.topics.through.objects.values_list(
            "articlepage_id", "topic__slug"
        )
    )
    log = PageLogEntry.objects.exclude(action="wagtailimporter.import")
    found["log"] = sorted(
        (pages[str(key)], label, action, changed)
        for key, label, action, changed in log.values_list(
            "page_id", "label", "action", "content_changed"
        )
    )
    return found


def _masked(value: Any, pages: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            key: pages.get(str(item), "?")
            if item and key in PAGES
            else _masked(item, pages)
            for key, item in value.items()
            if key not in ROW_KEYS and not key.endswith(("_at", "revision_id"))
        }
    if isinstance(value, (list, tuple)):
        return [_masked(item, pages) for item in value]
    if isinstance(value, str) and value[:1] == "[":
        return _masked(json.loads(value), pages)
    if hasattr(value, "raw_data"):
        return _masked(list(value.raw_data), pages)
    if isinstance(value, str) and "." in value:  # a path with keys of rows or blocks
        return [
            part for part in value.split(".") if not (part.isdigit() or "-" in part)
        ]
    return value


def test_every_row_equals_what_wagtail_writes(folder, home):
    PageLogEntry.objects.all().delete()
    by_wagtail(home)
    expected = rows_of_everything()
    for page in HomePage.objects.get().get_children():
        page.delete()
    Revision.objects.all().delete()
    PageLogEntry.objects.all().delete()

    folder.load(text())

    found = rows_of_everything()
    for name, rows in expected.items():
        assert [len(found[name]), *found[name]] == [len(rows), *rows], name
    assert Page.find_problems() == ([], [], [], [], [])
    assert HomePage.objects.get().numchild == COUNT


def queries_of(folder, count: int, **options: Any) -> int:
    pages = "".join(LINK.format(n=n, other=(n + 1) % count) for n in range(count))
    with CaptureQueriesContext(connection) as queries:
        folder.load(TOPIC + pages, **options)
    return len(queries)


def test_more_pages_take_no_more_queries(folder, home):
    few = queries_of(folder, 3)
    Page.objects.filter(depth=3).delete()

    assert queries_of(folder, 30) <= few


def test_more_changed_pages_take_no_more_queries(folder, home):
    counts = []
    for count in (3, 30):
        queries_of(folder, count)
        ArticlePage.objects.update(intro="other")
        counts.append(queries_of(folder, count))

    assert counts[1] <= counts[0] + 1


def test_unchanged_pages_take_few_queries(folder, home):
    queries_of(folder, 30)

    assert queries_of(folder, 30) < 30


def test_receivers_of_others_get_finished_pages(folder, home):
    seen = []

    def watch(sender, instance, **kwargs):
        seen.append((instance.pk, instance.path, kwargs.get("created")))

    def read(sender, instance, revision, **kwargs):
        assert ArticlePage.objects.get(pk=instance.pk).related.count() == 1
        assert revision.content["title"] == instance.title
        seen.append("published")

    pre_save.connect(watch, sender=ArticlePage)
    post_save.connect(watch, sender=ArticlePage)
    page_published.connect(read, sender=ArticlePage)
    try:
        folder.load(ARTICLE + "    related: [{page: !page {url: /main}, label: Home}]")
    finally:
        pre_save.disconnect(watch, sender=ArticlePage)
        post_save.disconnect(watch, sender=ArticlePage)
        page_published.disconnect(read, sender=ArticlePage)

    page = article()
    assert seen == [
        (page.pk, page.path, None),
        (page.pk, page.path, True),
        "published",
    ]


def test_a_receiver_of_a_row_names_the_page_that_it_refuses(folder, home):
    def refuse(sender, **kwargs):
        raise ValidationError("no rows")

    row = "    related: [{page: !page {url: /main}, label: Home}]\n---"
    post_save.connect(refuse, sender=Related)
    try:
        problems = folder.problems(HOME + "---\n" + ARTICLE + row)
    finally:
        post_save.disconnect(refuse, sender=Related)

    assert problems == ["site.yaml:7:5: page /main/news/ was refused: no rows"]
    assert not ArticlePage.objects.exists()


def test_the_private_names_still_mean_what_they_did(home):
    child = home.add_child(instance=ArticlePage(title="A", slug="a", other=home))

    assert child.path == child_path(home, 1)
    assert {ref[1] for ref in references_of(child)} >= {str(home.pk)}
