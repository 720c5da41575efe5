"""Rich text is stored as it is shown, so it passes the features of its field."""

from __future__ import annotations

import pytest
from tests.folders import ARTICLE
from tests.testapp.models import ArticlePage
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.rich_text import features as registry

from wagtailimporter.fields.rich_text import find_forbidden

ALLOWED = [
    "plain text",
    "<p>a &lt; b &amp; c</p>",
    "<p>one<br/>two</p>",
    '<p data-block-key="x1y2z">kept</p>',
    "<h2>Title</h2><ul><li>one</li></ul><hr/>",
    "<p><b>bold</b> <strong>strong</strong> <i>i</i></p>",
    '<p><a href="https://example.org/">out</a></p>',
    '<p><a href="mailto:us@example.org">mail</a></p>',
    '<p><a linktype="page" id="5">in</a></p>',
    '<p><a linktype="document" id="5">file</a></p>',
    '<embed embedtype="image" id="5" alt="a" format="left"/>',
    '<embed embedtype="image" id="5" alt="a &gt; b &lt; c" format="left"/>',
]
REFUSED = [
    ("<script>alert(1)</script>", "<script>"),
    ("<SCRIPT src=x></SCRIPT>", "<script>"),
    ("<p>a<script>alert(1)</script></p>", "<script>"),
    ("<p onclick='alert(1)'>a</p>", "'onclick' of <p>"),
    ("<p style='position:fixed'>a</p>", "'style' of <p>"),
    ("<img src=x onerror=alert(1)>", "<img>"),
    ("<svg><script>alert(1)</script></svg>", "<svg>"),
    ("<iframe src='//example.org'></iframe>", "<iframe>"),
    ("<style>p { display: none }</style>", "<style>"),
    ("<form action='//example.org'></form>", "<form>"),
    ("<p><a href='javascript:alert(1)'>a</a></p>", "'href' of <a>"),
    ("<p><a href='&#106;avascript:alert(1)'>a</a></p>", "'href' of <a>"),
    ("<p><a href=' jav\tascript:alert(1)'>a</a></p>", "'href' of <a>"),
    ("<p><a href='data:text/html,x'>a</a></p>", "'href' of <a>"),
    ("<p><a href='/' target='_blank'>a</a></p>", "'target' of <a>"),
    ("<embed src='//example.org/x.swf'>", "<embed>"),
    ("<p>a</p><img src=x onerror=alert(1)", "a tag that does not end"),
    ("<p>a</p><a href='/", "a tag that does not end"),
    ('<p>a</p><a href="/ b', "a tag that does not end"),
    ("<p>a</p><a", "a tag that does not end"),
    # Wagtail's converter raises TypeError for it.
    ("<a href='<plaintext><a href='</textarea>", "a '<' or '>' within <a>"),
    ("<p>a</p><img src=x onerror=alert(1) <p>", "<img>"),
    ("<!-- <script> -->", "a comment"),
    ("<![CDATA[<script>]]>", ""),
    ("<!DOCTYPE html>", "a declaration"),
    ("<?php x ?>", "a processing instruction"),
    ("</p/><script>", "<script>"),
    (
        '<a linktype="page" id="1" href="> <img src=x onerror=alert(1)>">a</a>',
        "a '<' or '>' within <a>",
    ),
    (
        '<a linktype="page" id="1" data-block-key="><script>alert(1)</script>">a</a>',
        "a '<' or '>' within <a>",
    ),
    (
        '<embed embedtype="image" id="5" alt="/><img src=x onerror=alert(1)>"/>',
        "a '<' or '>' within <embed>",
    ),
]


@pytest.fixture(scope="module")
def converter():
    return ContentstateConverter(registry.get_default_features())


@pytest.mark.parametrize("html", ALLOWED)
def test_what_the_editor_stores_is_allowed(converter, html):
    assert find_forbidden(html, converter) == []


@pytest.mark.parametrize(("html", "named"), REFUSED)
def test_what_the_editor_would_drop_is_named(converter, html, named):
    found = find_forbidden(html, converter)

    assert found
    assert not named or named in found


def test_a_feature_that_the_field_lacks_is_refused():
    html = "<h2>Title</h2><p><b>bold</b></p>"

    assert find_forbidden(html, ContentstateConverter(["bold"])) == ["<h2>"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('intro: "<p>a</p><script>alert(1)</script>"', "<script>"),
        (
            'body: [{type: paragraph, value: "<p onclick=x>a</p>"}]',
            "'onclick' of <p>",
        ),
    ],
)
def test_a_script_is_refused_at_its_place_and_nothing_is_written(
    folder, home, line, named
):
    problems = folder.problems(f"{ARTICLE}    {line}\n")

    assert len(problems) == 1
    assert problems[0].startswith("site.yaml:5:")
    assert f"{named} is not among the features of this rich text" in problems[0]
    assert not ArticlePage.objects.exists()


@pytest.mark.django_db
def test_what_its_editor_stores_is_written_as_it_is(folder, home):
    html = "<h2>Title</h2><p><b>bold</b></p>"

    folder.load(f'{ARTICLE}    intro: "{html}"\n')

    assert ArticlePage.objects.get().intro == html
