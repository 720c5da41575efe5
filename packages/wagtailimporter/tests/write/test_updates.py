from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from tests.folders import ARTICLE, article
from wagtail.log_actions import registry
from wagtail.models import PageLogEntry

from wagtailimporter.plan.records import ACTION

pytestmark = pytest.mark.django_db


def test_an_update_keeps_the_page_and_what_the_file_does_not_say(folder, home):
    folder.load(ARTICLE + "    code: old\n    rating: 5")
    before = article()

    report = folder.load(ARTICLE + "    code: new")

    page = article()
    assert report.summary() == "1 page updated"
    assert (page.pk, page.code, page.rating) == (before.pk, "new", 5)


def test_the_editor_shows_what_an_update_published(folder, home):
    folder.load(ARTICLE)

    folder.load(ARTICLE.replace("title: News", "title: Newer"))

    page = article()
    assert page.title == "Newer"
    assert page.get_latest_revision_as_object().title == "Newer"
    assert not page.has_unpublished_changes
    actions = PageLogEntry.objects.for_instance(page).values_list("action", flat=True)
    assert {"wagtailimporter.import", "wagtail.publish"} < set(actions)


def test_an_unchanged_import_writes_nothing(folder, home):
    folder.image("a.png")
    text = (
        ARTICLE
        + """
    moment: 2024-07-01 12:30
    image: !image {file: a.png, title: A}
    other: !page {url: /main}
    topics: [!testapp.topic {slug: t}]
    related: [{page: !page {url: /main}, label: Home}]
    body:
      - {type: heading, value: One}
      - {type: links, value: [{page: !page {url: /main}, text: Home, notes: [a, b]}]}
      - {type: section, value: [{type: heading, value: no}]}
      - {type: figure, value: !image {file: a.png}}
      - {type: day, value: 2024-01-02}
    ---
    !testapp.topic
    slug: t
    title: T
    ---
    !testapp.job
    slug: j
    title: J
    email: Ada@Example.ORG
    tags: [a, b]
    topics: [!testapp.topic {slug: t}]
    """
    )
    folder.load(text)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        report = folder.load(text)

    assert (
        report.summary()
        == "1 page unchanged; 1 image unchanged; 1 topic unchanged; 1 job unchanged"
    )
    verbs = {query["sql"].split()[0] for query in queries.captured_queries}
    assert verbs <= {"SELECT", "LOCK", "SAVEPOINT", "RELEASE"}


def test_comparing_many_blocks_takes_no_query_for_each(folder, home):
    def queries_of(blocks: int) -> int:
        block = "      - {type: link, page: !page {url: /main}, text: Home}\n"
        text = ARTICLE + "    body:\n" + block * blocks
        folder.load(text)
        with CaptureQueriesContext(connection) as queries:
            folder.load(text)
        return len(queries)

    assert queries_of(2) == queries_of(20)


def test_a_page_that_an_editor_has_a_draft_of_is_not_changed(folder, home):
    folder.load(ARTICLE)
    page = article()
    page.title = "Draft"
    page.save_revision()
    changed = ARTICLE.replace("title: News", "title: Newer")

    assert folder.problems(changed) == [
        "site.yaml:2:1: page /main/news/ has unpublished changes by an editor;"
        " publish or discard them, or pass --on-conflict theirs or ours."
    ]
    assert folder.load(ARTICLE).summary() == "1 page unchanged"

    folder.load(changed, on_conflict="ours")

    page = article()
    assert page.title == page.get_latest_revision_as_object().title == "Newer"
    assert not page.has_unpublished_changes


def test_child_rows_are_replaced_in_order_and_keep_their_keys(folder, home):
    row = "      - {page: !page {url: /main}, label: %s}\n"
    folder.load(ARTICLE + "    related:\n" + row % "one" + row % "two")
    first, second = article().related.all()

    folder.load(ARTICLE + "    related:\n" + row % "new")

    assert [(r.pk, r.label) for r in article().related.all()] == [(first.pk, "new")]
    assert second.pk != first.pk
    folder.load(ARTICLE + "    related: []")
    assert not article().related.exists()


def test_rows_may_carry_the_tag_of_their_model(folder, home):
    folder.load(
        ARTICLE + "    related: [!testapp.related {page: !page {url: /main}, label: x}]"
    )

    assert article().related.get().label == "x"


def test_rows_may_carry_any_tag_of_the_original(folder, home):
    folder.load(
        ARTICLE + "    related: [!relatedpage {page: !page {url: /main}, label: x}]"
    )

    assert article().related.get().label == "x"


def test_rows_with_a_unique_field_are_compared_with_what_they_replace(folder, home):
    text = ARTICLE + "    related: [{page: !page {url: /main}, label: x, code: c}]"
    folder.load(text)

    assert folder.load(text).summary() == "1 page unchanged"
    assert (
        folder.load(text.replace("label: x", "label: y")).summary() == "1 page updated"
    )


def test_the_history_of_a_page_speaks_the_editors_language():
    action = registry.get_formatter(PageLogEntry(action=ACTION))

    with translation.override("de"):
        assert str(action.message) == "Aus einer Datei importiert"
