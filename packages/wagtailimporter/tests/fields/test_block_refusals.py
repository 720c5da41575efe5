from __future__ import annotations

import pytest

pytestmark = pytest.mark.django_db

PAGE = "url: /main/news\ntype: testapp.articlepage\ntitle: News\nbody:\n"
LINK = "{type: link, page: !page {url: /main}, text: Home}"


@pytest.fixture
def problem(folder, home):
    """Return what one block is refused for, from the column on."""

    def problem_of(block: str) -> str:
        (line,) = folder.problems(PAGE + "- " + block)
        return line.removeprefix("site.yaml:5:")

    return problem_of


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param(
            "{type: heading2, value: x}",
            "10: there is no block type 'heading2' here; did you mean 'heading'?",
            id="type",
        ),
        pytest.param("text", "3: expected a block: 'type' and 'value'.", id="no block"),
        pytest.param(
            "{type: heading, text: x}",
            "19: 'text' cannot stand beside 'type' of 'heading'; write 'value'.",
            id="beside",
        ),
        pytest.param(
            "{type: heading, value: ''}",
            "26: body[0].heading: This field is required.",
            id="required",
        ),
        pytest.param(
            "{type: heading, value: [a]}",
            "26: expected one value, got a sequence.",
            id="list",
        ),
        pytest.param(
            "{type: day, value: [a]}",
            "22: expected one value, got a sequence.",
            id="no day",
        ),
        pytest.param(
            "{type: paragraph, value: {a: b}}",
            "28: expected one value, got a mapping.",
            id="no rich text",
        ),
        pytest.param(
            "{type: number, value: x}",
            "25: Enter a whole number. (got 'x')",
            id="number",
        ),
        pytest.param(
            "{type: flag, value: x}", "23: expected true or false, got 'x'.", id="flag"
        ),
        pytest.param(
            "{type: colour, value: blue}",
            "25: body[0].colour: Select a valid choice. blue is not one of the available choices.",
            id="choice",
        ),
        pytest.param(
            "{type: colours, value: red}",
            "26: expected a list of choices.",
            id="choices",
        ),
        pytest.param(
            "{type: link, value: x}",
            "23: expected a mapping with: page, text, notes.",
            id="struct",
        ),
        pytest.param(
            "{type: link, pag: !page {url: /main}}",
            "16: there is no 'pag' in this block; did you mean 'page'?",
            id="member",
        ),
        pytest.param(
            "{type: link, text: x}",
            "3: body[0].link.page: This field is required.",
            id="no member",
        ),
        pytest.param(
            "{type: links, value: []}",
            "24: body[0].links: The minimum number of items is 1",
            id="minimum",
        ),
        pytest.param(
            "{type: links}",
            "3: body[0].links: The minimum number of items is 1",
            id="no list",
        ),
        pytest.param(
            "{type: links, value: x}", "24: expected a list of items.", id="no items"
        ),
        pytest.param(
            "{type: section, value: [{type: heading, value: ''}]}",
            "50: body[0].section[0].heading: This field is required.",
            id="nested",
        ),
        pytest.param(
            "{type: links, value: [{page: !page {url: /main}, text: ''}]}",
            "58: body[0].links[0].text: This field is required.",
            id="in list",
        ),
        pytest.param(
            "{type: home, value: !page {url: /}}",
            "23: expected testapp.homepage, this is a wagtailcore.page.",
            id="page type",
        ),
        pytest.param(
            "{type: home, value: 999999}",
            "23: there is no testapp.homepage with primary key '999999'",
            id="no key",
        ),
        pytest.param(
            "{type: image, value: x}",
            "24: there is no wagtailimages.image with primary key 'x'",
            id="bad key",
        ),
        pytest.param(
            "{type: image, value: }",
            "24: body[0].image: This field is required.",
            id="no image",
        ),
        pytest.param(
            "{type: figure, value: {decorative: no}}",
            "25: body[0].figure.image: This field is required.",
            id="no figure",
        ),
    ],
)
def test_a_block_that_cannot_be_is_refused_at_its_place(problem, block, expected):
    assert problem(block).startswith(expected)


def test_every_block_is_checked(folder, home):
    problems = folder.problems(
        PAGE
        + "- {type: heading2}\n- {type: heading, value: ok}\n- {type: link, pag: x, txt: y}"
    )

    assert [line.split(": ")[0] for line in problems] == [
        "site.yaml:5:10",
        "site.yaml:7:16",
        "site.yaml:7:24",
    ]


def test_a_chooser_with_a_check_of_its_own_keeps_it(problem):
    assert problem("{type: choosy, value: !page {url: /main}}") == (
        "25: body[0].choosy: Not on a Monday."
    )
