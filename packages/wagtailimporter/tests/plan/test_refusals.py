from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db.models.signals import post_save
from tests.folders import ARTICLE, PAGE, article
from tests.testapp.models import ArticlePage, PlainPage

pytestmark = pytest.mark.django_db


def test_a_page_refused_while_writing_takes_everything_back(folder, home):
    def refuse(sender, **kwargs):
        raise ValidationError("no room")

    post_save.connect(refuse, sender=ArticlePage)
    try:
        problems = folder.problems(
            PAGE.format(url="/main/plain", type="plainpage")
            + "---\n"
            + PAGE.format(url="/main/news", type="articlepage")
        )
    finally:
        post_save.disconnect(refuse, sender=ArticlePage)

    assert problems == ["site.yaml:5:1: page /main/news/ was refused: no room"]
    assert not PlainPage.objects.exists()


def test_a_page_type_may_refuse_its_place_when_it_is_created(folder, home, monkeypatch):
    monkeypatch.setattr(ArticlePage, "can_create_at", lambda *args: False)

    assert folder.problems(ARTICLE) == [
        "site.yaml:2:1: testapp.articlepage may not be created below '/main/'."
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            PAGE.format(url="/no/x", type="homepage"),
            "1:1: parent '/no/' does not exist; import it too",
            id="parent",
        ),
        pytest.param(
            PAGE.format(url="/main", type="plainpage"),
            "2:7: '/main/' is a testapp.homepage already",
            id="type mismatch",
        ),
        pytest.param(
            PAGE.format(url="/main/x", type="articelpage"),
            "2:7: there is no page type 'testapp.articelpage'; did you mean 'testapp.articlepage'?",
            id="type",
        ),
        pytest.param(
            "type: testapp.homepage", "1:7: !testapp.homepage is a page", id="no url"
        ),
        pytest.param("url: /main/x", "1:1: 'type' is missing", id="no type"),
        pytest.param(
            "url: main\ntype: x",
            "1:6: url 'main' does not start with '/'",
            id="relative",
        ),
        pytest.param("url: /\ntype: x", "1:6: '/' is the root of the tree", id="root"),
        pytest.param(
            PAGE.format(url="/main", type="homepage") + "slug: other",
            "4:7: the slug of '/main/' is 'main'",
            id="slug",
        ),
        pytest.param(
            PAGE.format(url="/main", type="homepage") + "path: no",
            "4:1: 'path' of testapp.homepage cannot be imported",
            id="kept",
        ),
        pytest.param(
            PAGE.format(url="/main", type="homepage") + "subtitel: x",
            "4:1: testapp.homepage has no field 'subtitel'; did you mean 'subtitle'?",
            id="field",
        ),
        pytest.param(
            PAGE.format(url="/main/x", type="homepage"),
            "1:1: a testapp.homepage may not be created below a testapp.homepage",
            id="subpage types",
        ),
        pytest.param(
            "- a list",
            "1:1: expected a document with 'url' and 'type', or a tag.",
            id="list",
        ),
        pytest.param("!page {url: /main}", "1:1: expected a document", id="page tag"),
        pytest.param(
            "!testapp.homepage {slug: main}",
            "1:1: !testapp.homepage is a page",
            id="page model",
        ),
    ],
)
def test_a_page_that_cannot_be_is_refused_at_its_place(folder, home, text, expected):
    assert folder.problems(text)[0].startswith(f"site.yaml:{expected}")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param("rating: no", "4:9: “no” value must be an integer.", id="integer"),
        pytest.param(
            "day: 2024-13-01",
            "4:6: “2024-13-01” value has the correct format",
            id="date",
        ),
        pytest.param(
            "is_open: maybe", "4:10: expected true or false, got 'maybe'.", id="boolean"
        ),
        pytest.param(
            "code: [a]", "4:7: expected one value, got a sequence.", id="list"
        ),
        pytest.param(
            "code: !page {url: /main}",
            "4:7: expected one value, got a !page.",
            id="reference",
        ),
        pytest.param(
            f"code: {'x' * 61}",
            "4:1: code: Ensure this value has at most 60",
            id="length",
        ),
        pytest.param(
            "other: !page {url: /maen}",
            "4:20: there is no page '/maen/'; did you mean '/main/'?",
            id="no page",
        ),
        pytest.param(
            "other: !page {urn: /main}",
            "4:15: !page takes 'url' or 'uid' only",
            id="page key",
        ),
        pytest.param(
            "other: !page /main", "4:8: !page takes a mapping", id="page text"
        ),
        pytest.param(
            "other: /main",
            "4:8: there is no wagtailcore.page with primary key '/main'",
            id="untagged",
        ),
        pytest.param(
            "other: {url: /main}",
            "4:8: expected a reference such as {page",
            id="mapping",
        ),
        pytest.param(
            "image: !page {url: /main}",
            "4:8: expected wagtailimages.image, this is a testapp.homepage.",
            id="model",
        ),
        pytest.param("topics: x", "4:9: expected a list.", id="many"),
        pytest.param("related: x", "4:10: expected a list of mappings.", id="rows"),
        pytest.param(
            "related: [x]", "4:11: expected a mapping, a testapp.related.", id="row"
        ),
        pytest.param(
            "related: [{label: x, labbl: y, page: !page {url: /main}}]",
            "4:22: testapp.related has no field 'labbl'; did you mean 'label'?",
            id="row field",
        ),
        pytest.param(
            "related: [{label: x}]",
            "4:11: page: This field cannot be null.",
            id="row required",
        ),
        pytest.param(
            "related: [{topics: [], label: x, page: !page {url: /main}}]",
            "4:12: 'topics' of testapp.related cannot be imported in a row.",
            id="row relation",
        ),
        pytest.param(
            "related: [!testapp.topic {slug: a}]",
            "4:11: expected a mapping, a testapp.related.",
            id="row of another model",
        ),
        pytest.param(
            "data: {a: !page {url: /main}}",
            "4:11: '!page' cannot stand here",
            id="json",
        ),
    ],
)
def test_a_value_that_the_field_cannot_hold_is_refused(folder, home, field, expected):
    problems = folder.problems(PAGE.format(url="/main/x", type="articlepage") + field)

    assert [problem[: len(expected) + 10] for problem in problems] == [
        f"site.yaml:{expected}"
    ]


def test_two_documents_for_one_url_are_refused(folder, home):
    assert folder.problems(ARTICLE + "---" + ARTICLE)[0].endswith(
        "'/main/news/' is described at"
        f" {folder.path}/site.yaml:2:10 already; make it one document."
    )


def test_max_count_counts_what_is_stored_and_what_is_to_be(folder, home):
    problems = folder.problems(
        "---\n".join(PAGE.format(url=f"/{name}", type="homepage") for name in "ab")
    )

    assert problems == [
        "site.yaml:5:1: there are 2 pages of type testapp.homepage already,"
        " which is all that its max_count allows."
    ]


def test_max_count_per_parent_counts_planned_siblings(folder, home):
    problems = folder.problems(
        "---\n".join(
            PAGE.format(url=f"/main/{name}", type="plainpage") for name in "ab"
        )
    )

    assert problems == [
        "site.yaml:5:1: there are 1 pages of type testapp.plainpage already,"
        " which is all that its max_count allows."
    ]


def test_an_alias_page_is_refused(folder, home):
    folder.load(ARTICLE)
    article().create_alias(update_slug="alias")

    assert (
        "is an alias of another page"
        in folder.problems(PAGE.format(url="/main/alias", type="articlepage"))[0]
    )


def test_a_reference_to_what_is_refused_itself_adds_no_second_problem(folder, home):
    page = PAGE.format(url="/main/x", type="articlepage")

    problems = folder.problems(
        f"{page}other: !page {{url: /main/y}}\nimage: !image {{file: no.png}}\n"
        "---\nurl: /main/y\ntype: testapp.typo"
    )

    assert [line.split(": ")[0] for line in problems] == [
        "site.yaml:5:22",
        "site.yaml:8:7",
    ]


def test_a_problem_that_many_share_by_an_alias_is_reported_once(folder, home):
    page = PAGE.format(url="/main/x", type="articlepage")

    problems = folder.problems(
        page + "other: &o !page {url: /zzz}\nrelated: [{page: *o, label: x}]"
    )

    assert problems == [
        "site.yaml:4:23: there is no page '/zzz/'; known are: /main/, /main/x/."
    ]


def test_all_problems_are_reported_and_nothing_is_written(folder, home):
    problems = folder.problems("""
        url: /main/fine
        type: testapp.articlepage
        title: Fine
        ---
        url: /main/x
        type: testapp.articlepage
        titlt: X
        rating: x
        ---
        url: /gone/x
        type: testapp.articlepage
    """)

    assert [problem.split(" ", 1)[0] for problem in problems] == [
        "site.yaml:6:1:",
        "site.yaml:8:1:",
        "site.yaml:9:9:",
        "site.yaml:11:1:",
        "site.yaml:11:1:",
    ]
    assert not ArticlePage.objects.exists()
