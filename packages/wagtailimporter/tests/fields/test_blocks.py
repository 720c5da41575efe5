from __future__ import annotations

import datetime

import pytest
from tests.testapp.models import ArticlePage, Topic

pytestmark = pytest.mark.django_db

PAGE = "url: /main/news\ntype: testapp.articlepage\ntitle: News\nbody:\n"
LINK = "{type: link, page: !page {url: /main}, text: Home}"


@pytest.fixture
def load(folder, home):
    """Import blocks, one for each argument; return them as stored."""

    def load_blocks(*blocks: str):
        folder.load(PAGE + "".join(f"- {block}\n" for block in blocks))
        return ArticlePage.objects.get(slug="news").body

    return load_blocks


@pytest.mark.parametrize(
    ("block", "value"),
    [
        pytest.param("{type: heading, value: no}", "no", id="text"),
        pytest.param("{type: heading, value: 010}", "010", id="text of digits"),
        pytest.param("{type: heading, value: null}", "null", id="text null"),
        pytest.param("{type: number, value: 010}", 10, id="integer"),
        pytest.param("{type: number, value: }", None, id="no integer"),
        pytest.param("{type: number}", None, id="no value"),
        pytest.param(
            "{type: day, value: 2024-02-03}", datetime.date(2024, 2, 3), id="date"
        ),
        pytest.param("{type: flag, value: yes}", True, id="boolean"),
        pytest.param("{type: colour, value: 010}", "010", id="choice"),
        pytest.param("{type: colours, value: [no, red]}", ["no", "red"], id="choices"),
        pytest.param("{type: html, value: <hr>}", "<hr>", id="html"),
        pytest.param("{type: rule}", None, id="static"),
    ],
)
def test_values_are_read_by_the_type_of_their_block(load, block, value):
    (stored,) = load(block)

    assert stored.value == value


def test_rich_text_is_stored_as_written(load):
    (stored,) = load("{type: paragraph, value: <p>Some <b>text</b></p>}")

    assert stored.value.source == "<p>Some <b>text</b></p>"


def test_a_table_is_read_as_data(load):
    (stored,) = load("{type: table, value: {data: [[1, no]]}}")

    assert stored.value["data"] == [[1, "no"]]


def test_choosers_take_references(load, home):
    Topic.objects.create(slug="t", title="T")

    link, short, topic = load(
        "{type: link, value: {page: !page {url: /main}, text: Home}}",
        f"{{type: home, value: {home.pk}}}",
        "{type: topic, value: !testapp.topic {slug: t}}",
    )

    assert link.value["page"].pk == short.value.pk == home.pk
    assert topic.value.title == "T"


def test_images_and_documents_are_stored_for_their_blocks(load, folder):
    folder.image("a.png")
    folder.image("b.png", "blue")
    folder.write("Report", "documents-report.txt")

    image, figure, plain, document = load(
        "{type: image, value: !image {file: a.png}}",
        "{type: figure, value: !image {file: b.png, title: Blue}}",
        "{type: figure, value: {image: !image {file: b.png}, decorative: yes}}",
        "{type: document, value: !document {file: documents-report.txt, title: R}}",
    )

    assert image.value.title == "a"
    assert figure.value.pk == plain.value.pk
    assert (figure.value.contextual_alt_text, figure.value.decorative) == (
        "Blue",
        False,
    )
    assert (plain.value.contextual_alt_text, plain.value.decorative) == ("", True)
    assert document.value.title == "R"


def test_blocks_nest_at_any_depth(load, home):
    links, section = load(
        "{type: links, value: [{page: !page {url: /main}, text: A, notes: [x, no]}]}",
        f"{{type: section, value: [{{type: heading, value: B}}, {LINK}]}}",
    )

    assert links.value[0]["page"].pk == home.pk
    assert list(links.value[0]["notes"]) == ["x", "no"]
    assert section.value[1].value["page"].pk == home.pk


def test_the_flat_form_of_a_struct_is_the_same_as_its_value(folder, load):
    load(LINK)

    report = folder.load(
        PAGE + "- {type: link, value: {page: !page {url: /main}, text: Home}}"
    )

    assert report.summary() == "1 page unchanged"


def test_a_list_that_is_left_out_is_empty(load):
    (stored,) = load(LINK)

    assert list(stored.value["notes"]) == []


def test_blocks_keep_their_ids_by_position_and_type(load):
    notes = "{type: link, page: !page {url: /main}, text: %s, notes: [a, b]}"
    section = "{type: section, value: [{type: heading, value: %s}]}"
    before = load("{type: heading, value: One}", notes % "x", section % "y", LINK)

    after = load(
        "{type: heading, value: Two}", notes % "z", section % "z", "{type: rule}"
    )

    assert [b.id for b in after[:3]] == [b.id for b in before[:3]]
    assert after[3].id != before[3].id
    ids = [block.id for block in before[1].value["notes"].bound_blocks]
    assert [block.id for block in after[1].value["notes"].bound_blocks] == ids
    assert after[2].value[0].id == before[2].value[0].id


def test_an_id_in_the_file_is_kept(load):
    (stored,) = load(
        "{type: heading, value: One, id: 5f5b2d7c-0000-4000-8000-000000000001}"
    )

    assert stored.id == "5f5b2d7c-0000-4000-8000-000000000001"
