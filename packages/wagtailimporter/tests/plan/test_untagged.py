"""References and documents without tags mean what those with tags mean."""

from __future__ import annotations

import pytest
from tests.folders import ARTICLE, article
from tests.testapp.models import Job
from wagtail.images import get_image_model
from wagtail.models import Site

pytestmark = pytest.mark.django_db

UNTAGGED = (
    ARTICLE
    + """
    other: {page: /main}
    image: {image: a.png, title: The team}
    topics: [{slug: t}]
    related: [{page: {page: /main}, label: Home}]
    body:
    - {type: link, page: {page: /main}, text: Home}
    - {type: image, value: {image: a.png}}
    - {type: figure, value: {image: a.png}}
    - {type: figure, value: {image: {image: a.png}, decorative: yes}}
    ---
    type: testapp.topic
    slug: t
    title: T
    ---
    type: testapp.job
    slug: j
    title: J
    page: {page: /main/news}
    ---
    type: wagtailcore.site
    hostname: example.org
    root_page: {page: /main}
    """
)
TAGGED = (
    UNTAGGED.replace("{page: /main}", "!page {url: /main}")
    .replace("{page: /main/news}", "!page {url: /main/news}")
    .replace("{image: a.png", "!image {file: a.png")
    .replace("{slug: t}", "!testapp.topic {slug: t}")
    .replace("type: testapp.topic", "!testapp.topic")
    .replace("type: testapp.job", "!testapp.job")
    .replace("type: wagtailcore.site", "!site")
)


def test_a_site_without_tags_is_the_same_as_one_with_tags(folder, home):
    folder.image("a.png")
    report = folder.load(UNTAGGED)

    assert report.count("images", "created") == 1
    assert get_image_model().objects.get().title == "The team"
    assert article().body[0].value["page"].pk == home.pk
    assert Job.objects.get().page_id == article().pk
    assert Site.objects.get().root_page_id == home.pk
    unchanged = folder.load(TAGGED)
    assert {item.action for item in unchanged.actions} == {"unchanged"}


def test_a_document_of_a_file_needs_no_tag(folder):
    folder.image("a.png")

    report = folder.load("image: a.png\ntitle: The team")

    assert report.summary() == "1 image created"


def test_what_only_looks_like_a_file_is_none(folder, home):
    folder.load(ARTICLE + "    data: {image: no.png, page: /x}")

    assert article().data == {"image": "no.png", "page": "/x"}
    assert not get_image_model().objects.exists()


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("other: {page: /mian}", "there is no page '/mian/'; did you mean '/main/'?"),
        ("image: {image: no.png}", "there is no file 'no.png' here or in 'images/'."),
        ("topics: [{slug: no}]", "there is no testapp.topic slug 'no'; import it too."),
        ("other: {uid: x}", "'x' is no uid; write a UUID."),
    ],
)
def test_a_reference_without_a_tag_that_cannot_be_is_refused(
    folder, home, field, expected
):
    [problem] = folder.problems(ARTICLE + f"    {field}")

    assert problem.endswith(expected)
