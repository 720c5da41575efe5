"""Faults of the first version, each with what holds instead."""

from __future__ import annotations

import datetime
import shutil

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from tests.folders import ARTICLE, article
from tests.testapp.models import ArticlePage, FormPage, Topic
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import Collection, Page

pytestmark = pytest.mark.django_db

ROWS = "    related:\n    - {page: !page {url: /main}, label: %s}\n    - {page: !page {url: /main}, label: %s}\n"


def test_a_row_keeps_nothing_of_the_row_that_stood_there(folder, home):
    row = "    related: [{page: !page {url: /main}, label: Shop%s}]"
    folder.load(ARTICLE + row % ", code: c")

    report = folder.load(ARTICLE + row % "")

    assert report.summary() == "1 page updated"
    assert article().related.get().code is None
    assert folder.load(ARTICLE + row % "").summary() == "1 page unchanged"


def test_rows_that_change_places_keep_what_they_hold(folder, home):
    first = "- {page: !page {url: /main}, label: Shop, code: c}"
    second = "- {page: !page {url: /main}, label: About}"
    text = ARTICLE + "    related:\n    %s\n    %s"
    folder.load(text % (first, second))
    before = {row.label: row.pk for row in article().related.all()}

    folder.load(text % (second, first))

    rows = [(row.label, row.code) for row in article().related.all()]
    assert rows == [("About", None), ("Shop", "c")]
    assert {row.label: row.pk for row in article().related.all()} == before


def test_a_form_field_gets_the_name_of_its_own_label(folder, home):
    form = (
        "url: /main/form\ntype: testapp.formpage\ntitle: F\nform_fields:\n"
        "- {label: %s, field_type: singleline}\n- {label: %s, field_type: singleline}"
    )
    folder.load(form % ("Name", "Town"))

    folder.load(form % ("Town", "Street"))

    fields = FormPage.objects.get().form_fields.all()
    assert [field.clean_name for field in fields] == ["town", "street"]
    assert folder.load(form % ("Town", "Street")).summary() == "1 page unchanged"


@pytest.fixture
def users(settings):
    settings.WAGTAILIMPORTER_MODELS = ["auth.user"]
    return get_user_model().objects


def test_a_password_is_hashed(folder, users):
    text = "!auth.user {username: ada, password: %s}"
    folder.load(text % "secret")

    assert users.get().check_password("secret")
    assert folder.load(text % "secret").summary() == "1 user unchanged"
    assert folder.load(text % "other").summary() == "1 user updated"
    assert users.get().check_password("other")


def test_a_hash_is_stored_as_it_is(folder, users):
    known = make_password("secret")

    folder.load(f"!auth.user {{username: ada, password: '{known}'}}")

    assert users.get().password == known


def test_a_field_with_a_setter_of_the_model_is_refused(folder, monkeypatch):
    monkeypatch.setattr(Topic, "set_title", lambda self, t: None, raising=False)

    assert folder.problems("!testapp.topic {slug: t, title: T}") == [
        "site.yaml:1:26: testapp.topic stores 'title' in another form, by its"
        " set_title(); leave it out and call that."
    ]


def test_an_attribute_that_is_a_property_is_set(folder, home):
    text = ARTICLE + "    shout: [LOUD]"
    folder.load(text)

    assert article().code == "['LOUD']!"
    assert folder.load(text).summary() == "1 page unchanged"


def test_a_page_that_the_import_scheduled_can_be_changed(folder, home):
    later = timezone.now() + datetime.timedelta(days=9)
    text = ARTICLE + f"    go_live_at: {later.isoformat()}\n    code: %s"
    folder.load(text % "one")
    assert not article().live
    assert article().approved_schedule

    assert folder.load(text % "two").summary() == "1 page updated"

    page = article()
    assert not page.live
    assert page.scheduled_revision.content["code"] == "two"
    page.save_revision()  # an editor's
    assert "unpublished changes" in folder.problems(text % "three")[0]


def test_a_collection_is_created_in_its_tree(folder):
    folder.image("a.png")
    folder.load(
        "!wagtailcore.collection {name: Team}\n---\n"
        "!image {file: a.png, collection: !wagtailcore.collection {name: Team}}"
    )

    assert get_image_model().objects.get().collection.name == "Team"
    assert Collection.find_problems() == ([], [], [], [], [])


def test_the_place_of_a_collection_is_not_for_files(folder):
    problems = folder.problems("!wagtailcore.collection {name: T, path: '00010001'}")

    assert problems == [
        "site.yaml:1:35: 'path' of wagtailcore.collection cannot be imported;"
        " leave it out."
    ]


def test_an_object_that_cannot_be_imported_is_not_told_to_be(folder, home):
    [problem] = folder.problems(
        ARTICLE + "    related: [{page: !wagtailcore.task {name: No}, label: x}]"
    )

    assert problem.endswith("there is no wagtailcore.task name 'No'; create it first.")


def test_all_problems_of_a_stream_are_found_in_one_run(folder, home):
    problems = folder.problems(
        ARTICLE
        + """
    body:
    - {type: heading2, value: x}
    - {type: heading, value: ''}
    - {type: links, value: [{page: !page {url: /main}, text: ''}, {txt: x}]}
    - {type: colour, value: blue}
    related: [{labl: x}]
    """
    )

    assert [line.split(": ")[0].removeprefix("site.yaml:") for line in problems] == [
        "7:10",
        "8:26",
        "9:58",
        "9:64",
        "10:25",
        "11:11",
        "11:11",
        "11:12",
    ]


def test_an_embed_asks_no_server(folder, home, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("asked")

    monkeypatch.setattr("wagtail.embeds.finders.oembed.OEmbedFinder.find_embed", refuse)
    url = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"

    folder.load(ARTICLE + f"    body: [{{type: embed, value: {url}}}]")

    assert article().body[0].value.url == url


def test_an_embed_that_nobody_finds_is_refused(folder, home):
    [problem] = folder.problems(
        ARTICLE + "    body: [{type: embed, value: 'https://example.org/x'}]"
    )

    assert "no embed finder takes 'https://example.org/x'" in problem


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<a linktype="page" id="99999">x</a>', "page 99999, which does not exist"),
        ('<a linktype="page" href="/x">x</a>', "needs 'id'"),
        ('<a page="/main/nwes">x</a>', "no page '/main/nwes/'; did you mean"),
        ('<embed embedtype="image" id="77" format="left"/>', "image 77, which"),
        ('<embed image="no.png" format="left"/>', "there is no file 'no.png'"),
    ],
)
def test_rich_text_with_a_broken_link_is_refused(folder, home, html, expected):
    [problem] = folder.problems(ARTICLE + f"    intro: '<p>{html}</p>'")

    assert expected in problem


def test_rich_text_names_its_targets(folder, home):
    folder.image("a.png")
    text = """
    intro: >-
      <p><a page="/main/more">more</a></p><embed image="a.png" alt="A" format="left"/>
    body:
    - {type: paragraph, value: '<p><a page="/main">home</a></p>'}
    ---
    url: /main/more
    type: testapp.articlepage
    title: More
    """
    folder.load(ARTICLE + text)

    page, image = article(), get_image_model().objects.get()
    assert page.intro == (
        f'<p><a linktype="page" id="{article("more").pk}">more</a></p>'
        f'<embed embedtype="image" id="{image.pk}" alt="A" format="left"/>'
    )
    assert f'id="{home.pk}"' in page.body[0].value.source
    assert (
        folder.load(ARTICLE + text).summary() == "2 pages unchanged; 1 image unchanged"
    )


def test_the_keys_that_an_editor_gives_to_paragraphs_are_no_change(folder, home):
    text = (
        ARTICLE
        + "    intro: <p>One</p>\n    body: [{type: paragraph, value: <p>Two</p>}]"
    )
    folder.load(text)
    page = article()
    page.intro = '<p data-block-key="k1">One</p>'
    page.body[0].value.source = '<p data-block-key="k2">Two</p>'
    page.save_revision().publish()

    assert folder.load(text).summary() == "1 page unchanged"


def test_an_image_keeps_the_folder_in_which_it_was_found(folder):
    folder.image("images/hidden dog.png")

    folder.load("!image {file: hidden dog.png}")

    image = get_image_model().objects.get()
    assert image.file.name == "original_images/images/hidden dog.png"
    assert (image.width, image.height) == (8, 6)


@pytest.mark.parametrize("name", ["a.png", "images/a.png"])
def test_a_stored_image_needs_no_file_in_the_folder(folder, name):
    folder.image(name)
    folder.load("!image {file: a.png, title: Old}")
    shutil.rmtree(folder.path)
    folder.path.mkdir()

    report = folder.load("!image {file: a.png, title: New}")

    assert report.summary() == "1 image updated"
    assert get_image_model().objects.get().title == "New"


def test_a_mistyped_page_is_told_the_nearest_that_is_stored(folder, home):
    home.add_child(instance=ArticlePage(title="News", slug="news"))

    [problem] = folder.problems(
        "!testapp.job {slug: a, title: A, page: !page {url: /main/nwes}}"
    )

    assert problem.endswith(
        "there is no page '/main/nwes/'; did you mean '/main/news/'?"
    )
    assert Page.objects.count() == 3
    assert not get_document_model().objects.exists()
