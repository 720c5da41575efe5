from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.sites import Site

on_both_back_ends = pytest.mark.parametrize(
    "site",
    ["database", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)],
    indirect=True,
)
Shoot = Callable[..., None]


def test_the_home_page_leads_to_the_sections_and_the_jobs(
    page: Page, shoot: Shoot
) -> None:
    page.goto("/")

    expect(page).to_have_title(re.compile("Shared gardens"))
    for section in ("Gardens", "Repair sheds", "Field crews"):
        expect(
            page.get_by_role("main").get_by_role("link", name=section)
        ).to_be_visible()
    shoot(page)
    page.get_by_role("link", name="See the open jobs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jobs")


@on_both_back_ends
def test_a_search_finds_an_imported_page(page: Page, shoot: Shoot) -> None:
    page.goto("/")

    page.get_by_label("Search the site").fill("wrung sponge")
    page.get_by_role("button", name="Search", exact=True).click()

    expect(page.get_by_role("heading", name="1 page")).to_be_visible()
    shoot(page)
    page.get_by_role("link", name="Compost that does not smell").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Compost that does not smell"
    )


@on_both_back_ends
def test_titles_are_suggested_while_typing(page: Page) -> None:
    page.goto("/")

    page.get_by_label("Search the site").press_sequentially("wick")

    suggestions = page.locator("#site-search-titles option")
    expect(suggestions).to_have_count(2)
    values = [option.get_attribute("value") for option in suggestions.all()]
    assert values == ["Wicking beds", "Wicking bed builder"]


@on_both_back_ends
def test_the_job_list_is_narrowed_by_words_and_place(page: Page, shoot: Shoot) -> None:
    page.goto("/jobs/")

    page.get_by_label("Words in the job").fill("paid")
    page.get_by_role("radio", name=re.compile("Footscray")).check()
    page.get_by_role("button", name="Search the jobs").click()

    heading = page.get_by_role("heading", name=re.compile("with “paid” in Footscray"))
    expect(heading).to_be_visible()
    shown = page.get_by_role("listitem").filter(has=page.get_by_role("heading"))
    expect(shown.first).to_be_visible()
    assert all("Footscray" in text for text in shown.all_inner_texts())
    expect(page.get_by_role("radio", name=re.compile("Footscray"))).to_be_checked()
    shoot(page)


@on_both_back_ends
def test_the_job_list_is_narrowed_by_how_long_a_job_is(
    page: Page, shoot: Shoot
) -> None:
    page.goto("/jobs/")
    choice = page.get_by_role("radio", name=re.compile("6 to 11 months"))
    promised = re.search(r"(\d+) jobs?$", choice.locator("..").text_content() or "")

    choice.check()
    page.get_by_role("button", name="Search the jobs").click()

    assert promised
    heading = page.get_by_role(
        "heading", name=re.compile(rf"{promised[1]} open jobs?, 6 to 11 months")
    )
    expect(heading).to_be_visible()
    expect(page.get_by_role("radio", name=re.compile("6 to 11 months"))).to_be_checked()
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        shoot(page, f"-{width}")


def test_a_long_job_list_is_read_page_by_page(page: Page) -> None:
    page.goto("/jobs/")
    first = page.locator("main h3").first.inner_text()

    page.get_by_role("link", name="Next").click()

    expect(page.get_by_text("Page 2 of")).to_be_visible()
    assert page.locator("main h3").first.inner_text() != first


def test_the_search_works_without_scripts(chromium: Browser, site: Site) -> None:
    with chromium.new_context(
        base_url=site.address, java_script_enabled=False
    ) as context:
        page = context.new_page()
        page.goto("/")

        page.get_by_label("Search the site").fill("heron")
        page.keyboard.press("Enter")

        expect(page.get_by_role("link", name="Creek watcher")).to_be_visible()


@pytest.mark.parametrize(("width", "colour_scheme"), [(390, "dark"), (1280, "light")])
@pytest.mark.parametrize(
    "path", ["/", "/gardens/merri-bend/", "/jobs/", "/people/", "/search/?q=water"]
)
def test_a_page_fits_every_screen(
    page: Page, path: str, width: int, colour_scheme: str, shoot: Shoot
) -> None:
    page.emulate_media(color_scheme=colour_scheme)
    page.set_viewport_size({"width": width, "height": 900})

    page.goto(path)

    shoot(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("path", ["/", "/jobs/"])
def test_search_and_menu_leave_a_telephone_to_the_page(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(path)

    box = page.get_by_role("banner").bounding_box()

    assert box is not None
    assert box["height"] < 844 / 5
    expect(page.get_by_label("Search the site")).to_be_in_viewport()
    page.get_by_role("navigation", name="Main").get_by_role(
        "link", name="About"
    ).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("About")


INJECTION = """
() => {
  const script = document.createElement("script");
  script.textContent = "window.injected = true";
  document.body.append(script);
  return window.injected === true;
}
"""


@pytest.mark.parametrize("path", ["/", "/search/?query=creek", "/django-admin/login/"])
def test_a_script_that_was_injected_does_not_run(
    chromium: Browser, site: Site, path: str
) -> None:
    with chromium.new_context(base_url=site.address) as context:
        page = context.new_page()
        page.goto(path)

        assert page.evaluate(INJECTION) is False
