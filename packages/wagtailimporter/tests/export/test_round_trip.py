"""Export, wipe, import, export: the same bytes."""

from __future__ import annotations

import io
import json
import shutil
import textwrap

import jsonschema
import pytest
import yaml
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.folders import ARTICLE, HOME, article
from tests.testapp.models import ArticlePage, Job, Topic
from wagtail.images import get_image_model
from wagtail.models import Collection, Page, Site

from wagtailimporter.export.documents import export_pages
from wagtailimporter.export.schema import site_schema

pytestmark = pytest.mark.django_db

CONTENT = (
    HOME
    + "---"
    + textwrap.dedent(
        ARTICLE
        + """
    intro: >-
      <p>A <b>b</b> <a page="/main/more">m</a> <a document="r.txt">r</a></p><embed
      image="a.png" alt="A &amp; B" format="left"/>
    code: "1e3"
    day: 2024-02-03
    moment: 2024-07-01 12:30
    opens: 12:30
    rating: 10
    is_open: yes
    nickname: "\\U0001F600\\x85"
    words: [no, "2024"]
    data: {a: [1, 2.5, true, null], b: "1"}
    other: {page: /main/more}
    image: {image: b.png, title: Title of B, tags: [y, x], focal_point_x: 3}
    topics: [{slug: t}, {slug: s}]
    related:
    - {page: {page: /main/more}, label: Second, code: c}
    - {page: {page: /main}, label: Home}
    body:
    - {type: heading, value: "y"}
    - {type: paragraph, value: '<p>to <a page="/main">home</a></p>'}
    - {type: link, page: {page: /main/more}, text: More, notes: [a, "2"]}
    - {type: links, value: [{page: {page: /main}, text: Home}]}
    - {type: section, value: [{type: heading, value: "no"}]}
    - {type: image, value: {image: a.png}}
    - {type: figure, value: {image: {image: a.png}, decorative: yes}}
    - {type: document, value: {document: r.txt, title: Report}}
    - {type: topic, value: {slug: t}}
    - {type: number, value: 3}
    - {type: day, value: 2024-02-03}
    - {type: flag, value: yes}
    - {type: colour, value: "010"}
    - {type: colours, value: ["no", red]}
    - {type: rule}
    - {type: table, value: {data: [["1", "no"]]}}
    - {type: html, value: "<hr>\\nx\\n"}
    - {type: embed, value: "https://www.youtube.com/watch?v=dQw4w9WgXcQ"}
    ---
    url: /main/more
    type: testapp.articlepage
    title: "More: \\"all\\", even # this"
    live: false
    other: {page: /main/news}
    ---
    {type: testapp.topic, slug: t, title: T}
    ---
    {type: testapp.topic, slug: s, title: S}
    ---
    type: wagtailcore.site
    hostname: example.org
    root_page: {page: /main}
    is_default_site: yes
    """
    )
)


@pytest.fixture
def content(folder, settings):
    settings.WAGTAILDOCS_EXTENSIONS = ["txt"]
    folder.image("images/a.png")
    folder.image("b.png", "blue")
    folder.write("Report", "r.txt")
    folder.load(CONTENT)


def wipe(folder, settings) -> None:
    Site.objects.all().delete()
    for page in Page.objects.filter(depth=2):
        page.delete()
    for model in (Topic, get_image_model()):
        model.objects.all().delete()
    shutil.rmtree(folder.path)
    shutil.rmtree(settings.MEDIA_ROOT)
    folder.path.mkdir()


def test_what_was_exported_imports_to_the_same(folder, content, settings):
    first = export_pages("/", media=folder.path / "out")
    shutil.copytree(folder.path / "out", folder.path.parent / "kept")
    wipe(folder, settings)
    shutil.copytree(folder.path.parent / "kept", folder.path, dirs_exist_ok=True)

    folder.load(first)

    assert export_pages("/") == first
    assert not article("more").live
    assert article().nickname == "\U0001f600\x85"


def test_what_was_exported_is_unchanged_where_it_came_from(folder, content):
    report = folder.load(export_pages("/"))

    assert {action.action for action in report.actions} == {"unchanged"}


def test_every_exported_document_fits_the_schema(content):
    checker = jsonschema.Draft7Validator(site_schema())
    documents = list(yaml.load_all(export_pages("/"), yaml.CSafeLoader))

    assert len(documents) == 9
    assert [list(checker.iter_errors(document)) for document in documents] == [[]] * 9


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"titel": "x"}, "titel"),
        ({"type": "testapp.articelpage"}, "testapp.articelpage"),
        ({"url": "main"}, "main"),
        ({"is_open": "maybe"}, "maybe"),
        ({"body": [{"type": "heading2", "value": "x"}]}, "heading2"),
        ({"body": [{"type": "link", "value": {"pgae": 1}}]}, "pgae"),
        ({"body": [{"type": "colour", "value": "blue"}]}, "blue"),
        ({"related": [{"labl": "x"}]}, "labl"),
        ({"other": {"pgae": "/x"}}, "pgae"),
    ],
)
def test_the_schema_says_what_is_wrong(change, expected):
    page = {"url": "/main/news", "type": "testapp.articlepage", "title": "News"}
    checker = jsonschema.Draft7Validator(site_schema())
    checker.check_schema(checker.schema)
    assert not list(checker.iter_errors(page))

    errors = list(checker.iter_errors({**page, **change}))

    assert any(expected in str(error) for error in errors)


def test_a_part_of_the_tree_names_the_rest(folder, content):
    text = export_pages("/main/more")

    assert text.startswith("url: /main/more\ntype: testapp.articlepage\nuid: ")
    assert "other: {page: /main/news}\n" in text


def test_more_pages_take_no_more_queries(folder, home):
    def queries_of(count: int) -> int:
        folder.load(
            "".join(
                f"url: /main/p{n}\ntype: testapp.articlepage\ntitle: T\n"
                "related: [{page: {page: /main}, label: x}]\n---\n"
                for n in range(count)
            )
        )
        with CaptureQueriesContext(connection) as queries:
            export_pages("/")
        return len(queries)

    assert queries_of(2) == queries_of(20)


def test_the_command_prints_pages_and_schema(folder, content):
    out = io.StringIO()
    call_command("export_pages", "--root", "/main/news", stdout=out)
    assert out.getvalue() == export_pages("/main/news")

    out = io.StringIO()
    call_command("export_pages", "--schema", stdout=out)
    assert json.loads(out.getvalue()) == json.loads(json.dumps(site_schema()))


def test_a_root_that_does_not_exist_is_refused(content):
    with pytest.raises(CommandError, match=r"no page '/mian'; did you mean '/main'\?"):
        call_command("export_pages", "--root", "/mian")


def test_collections_come_with_the_files_in_them(folder, home):
    folder.image("a.png")
    folder.load(
        ARTICLE
        + "    image: {image: a.png, collection: {name: Team}}\n    ---\n"
        + "    {type: wagtailcore.collection, name: Team}"
    )

    text = export_pages("/main/news")
    assert "Root" not in text

    assert "type: wagtailcore.collection\nname: Team\n" in text
    assert Collection.objects.count() == 2
    assert (ArticlePage.objects.count(), Job.objects.count()) == (1, 0)
