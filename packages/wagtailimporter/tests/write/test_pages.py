from __future__ import annotations

import datetime

import pytest
from tests.folders import ARTICLE, article
from tests.testapp.models import HomePage, NeedyPage
from wagtail.models import Locale, Page, PageLogEntry, Revision

from wagtailimporter import import_files

pytestmark = pytest.mark.django_db


def test_fields_are_read_by_their_type(folder, home):
    folder.load(
        ARTICLE
        + """
    intro: <p>Rich <b>text</b></p>
    code: 010
    day: 2024-2-03
    moment: 2024-07-01 12:30
    opens: 12:30
    rating: 010
    is_open: Yes
    nickname: no
    words: [no, 2024]
    data: {a: [1, 2.5, true, no, ~], b: "1", c: 2024-01-01}
    show_in_menus: on
    """
    )

    page = article()
    assert page.intro == "<p>Rich <b>text</b></p>"
    assert page.code == "010"
    assert page.day == datetime.date(2024, 2, 3)
    assert page.moment.isoformat() == "2024-07-01T02:30:00+00:00"
    assert page.opens == datetime.time(12, 30)
    assert page.rating == 10
    assert page.is_open is True
    assert page.nickname == "no"
    assert page.words == ["no", "2024"]
    assert page.data == {"a": [1, 2.5, True, "no", None], "b": "1", "c": "2024-01-01"}
    assert page.show_in_menus is True


@pytest.mark.parametrize("null", ["~", "null", ""])
def test_null_is_none_where_the_field_can_hold_it(folder, home, null):
    folder.load(ARTICLE + f"    nickname: {null}\n    day: {null}\n    other: {null}")

    page = article()
    assert (page.nickname, page.day, page.other) == (None, None, None)


def test_parents_are_created_first_and_siblings_in_document_order(folder, home):
    folder.load("""
        url: /main/b/child
        type: testapp.homepage
        title: Child
        ---
        url: /main/z
        type: testapp.articlepage
        title: Z
        ---
        url: /main/a
        type: testapp.articlepage
        title: A
        ---
        url: /main/b
        type: testapp.articlepage
        title: B
    """)

    home.refresh_from_db()
    assert [p.slug for p in home.get_children()] == ["z", "a", "b"]
    assert HomePage.objects.get(slug="child").get_parent().slug == "b"
    assert Page.find_problems() == ([], [], [], [], [])


def test_files_refer_to_each_other_in_a_circle(folder, home):
    one = folder.write(ARTICLE + "    other: !page {url: /main/more/}", "one.yaml")
    two = folder.write(
        """
        url: /main/more
        type: testapp.articlepage
        title: More
        other: !page {url: /main/news}
        body: [{type: link, page: !page {url: /main/news}, text: News}]
        related: [{page: !page {url: /main/news}, label: News}]
        """,
        "two.yaml",
    )

    import_files([one, two])

    news, more = article(), article("more")
    assert news.other_id == more.pk
    assert more.other_id == news.pk
    assert more.body[0].value["page"].pk == news.pk
    assert more.related.get().page_id == news.pk


def test_a_page_that_a_key_cannot_do_without_is_created_first(folder, home):
    folder.load("""
        url: /main/needy
        type: testapp.needypage
        title: Needy
        needs: !page {url: /main/needed}
        ---
        url: /main/needed
        type: testapp.articlepage
        title: Needed
    """)

    assert NeedyPage.objects.get().needs_id == article("needed").pk


def test_pages_that_cannot_do_without_each_other_are_created_together(folder, home):
    folder.load("""
        url: /main/one
        type: testapp.needypage
        title: One
        needs: !page {url: /main/two}
        ---
        url: /main/two
        type: testapp.needypage
        title: Two
        needs: !page {url: /main/one}
    """)

    one, two = NeedyPage.objects.order_by("slug")
    assert (one.needs_id, two.needs_id) == (two.pk, one.pk)


def test_a_created_page_is_published_with_its_first_revision(folder, home):
    folder.load(ARTICLE)

    page = article()
    assert page.live
    assert not page.has_unpublished_changes
    assert (
        page.latest_revision
        == page.live_revision
        == Revision.objects.for_instance(page).get()
    )
    actions = PageLogEntry.objects.for_instance(page).values_list("action", flat=True)
    assert sorted(actions) == [
        "wagtail.create",
        "wagtail.publish",
        "wagtailimporter.import",
    ]


def test_a_new_page_takes_the_locale_of_its_parent(folder, home):
    home.locale = Locale.objects.create(language_code="de")
    home.save()

    folder.load(ARTICLE.replace("news", "news/deep") + "---" + ARTICLE)

    assert {article().locale_id, article("deep").locale_id} == {home.locale_id}


def test_a_slug_that_agrees_with_the_url_may_be_given(folder, home):
    folder.load(ARTICLE + "    slug: news")

    assert article().slug == "news"
