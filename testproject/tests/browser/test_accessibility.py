from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

PATHS = ["/", "/gardens/", "/people/", "/jobs/", "/search/?q=water"]
every_kind_of_page = pytest.mark.parametrize("path", PATHS)

# The contrast of WCAG 2 of every piece of text against what lies behind it.
CONTRASTS = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = channels(colour).slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0) return colour;
    }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility()) continue;
    const [low, high] = [light(getComputedStyle(element).color), light(behind(element))]
      .sort((a, b) => a - b);
    found.push([(high + 0.05) / (low + 0.05), walker.currentNode.data.trim()]);
  }
  return found;
}"""


@every_kind_of_page
def test_a_page_has_its_landmarks_and_one_first_heading(page: Page, path: str) -> None:
    page.goto(path)

    for landmark in ("banner", "main", "contentinfo", "search"):
        expect(page.get_by_role(landmark)).to_have_count(1)
    expect(page.get_by_role("navigation", name="Main")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert page.locator("html").get_attribute("lang") == "en-AU"


@every_kind_of_page
def test_headings_skip_no_level(page: Page, path: str) -> None:
    page.goto(path)

    names = page.locator("h1, h2, h3, h4").evaluate_all(
        "all => all.map(h => h.tagName)"
    )

    levels = [int(name[1]) for name in names]
    steps = [lower - upper for upper, lower in pairwise(levels)]
    assert levels[0] == 1
    assert max(steps, default=0) <= 1


@every_kind_of_page
def test_every_image_field_link_and_button_has_a_name(page: Page, path: str) -> None:
    page.goto(path)

    labels = page.locator("input").evaluate_all("all => all.map(i => i.labels.length)")
    names = page.locator("a, button").evaluate_all(
        "all => all.map(element => element.innerText.trim())"
    )

    expect(page.locator("img:not([alt])")).to_have_count(0)
    assert all(labels)
    assert all(names)


@every_kind_of_page
@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
def test_text_stands_out_from_what_lies_behind_it(
    page: Page, path: str, colour_scheme: str
) -> None:
    page.emulate_media(color_scheme=colour_scheme)
    page.goto(path)

    contrasts = page.evaluate(CONTRASTS)

    assert [found for found in contrasts if found[0] < 4.5] == []
    assert len(contrasts) > 10


def test_the_keyboard_reaches_the_content_and_the_search(page: Page) -> None:
    page.goto("/")

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search the site")).to_be_focused()
    outline = page.get_by_label("Search the site").evaluate(
        "element => getComputedStyle(element).outlineStyle"
    )
    assert outline == "solid"


def test_the_skip_link_moves_to_the_content(page: Page) -> None:
    page.goto("/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_be_focused()
