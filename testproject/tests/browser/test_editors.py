from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.sites import Site


def log_in(page: Page, site: Site) -> None:
    page.goto("/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_printed_password_opens_the_admin(
    page: Page, site: Site, shoot: Callable[..., None]
) -> None:
    log_in(page, site)

    expect(page).to_have_url(f"{site.address}/admin/")
    shoot(page)


def test_an_edited_page_is_published(
    page: Page, site: Site, shoot: Callable[..., None]
) -> None:
    log_in(page, site)
    page.goto("/gardens/rail-trail/")
    page.goto(page.locator("a[href*='/edit/']").get_attribute("href"))

    introduction = page.get_by_role("textbox", name="Introduction")
    introduction.fill("A garden as long as a train.")
    shoot(page, "-editing")
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name="Publish").click()

    expect(page.get_by_text("has been published")).to_be_visible()
    page.goto("/gardens/rail-trail/")
    expect(page.get_by_text("A garden as long as a train.")).to_be_visible()
    shoot(page, "-published")


def open_person(page: Page, site: Site, name: str) -> None:
    log_in(page, site)
    # Wagtail scrolls inside the page: only a tall window shows all of the form.
    page.set_viewport_size({"width": 1280, "height": 2400})
    page.goto("/admin/snippets/people/person/")
    page.get_by_role("link", name=name).first.click()


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
def test_what_is_wrong_with_an_address_stands_at_its_members(
    page: Page, site: Site, shoot: Callable[..., None], colour_scheme: str
) -> None:
    page.emulate_media(color_scheme=colour_scheme)
    open_person(page, site, "Ana Castelo")

    address = page.get_by_role("group", name="Address", exact=True)
    address.get_by_label("Suburb").fill("")
    previous = page.get_by_role("group", name="Previous addresses").first
    previous.get_by_label("Postcode").nth(1).fill("30")
    shoot(page, "-editing")
    page.get_by_role("button", name="Save").first.click()

    expect(page.get_by_text("Check Suburb.")).to_be_visible()
    expect(address.get_by_text("This field is required.")).to_be_visible()
    expect(page.get_by_text("Check item 2.")).to_be_visible()
    expect(previous.get_by_text("Four digits.")).to_be_visible()
    shoot(page)


def test_previous_addresses_are_added_moved_and_removed(
    page: Page, site: Site, shoot: Callable[..., None]
) -> None:
    open_person(page, site, "Ioana Marin")

    previous = page.get_by_role("group", name="Previous addresses").first
    previous.get_by_role("button", name="Add another").click()
    page.keyboard.type("1 Smith Street")
    previous.get_by_label("Suburb").nth(1).fill("Fitzroy")
    previous.get_by_label("Postcode").nth(1).fill("3065")
    previous.get_by_role("button", name="Move up").click()
    previous.get_by_role("button", name="Remove").nth(1).click()
    page.get_by_role("button", name="Save").first.click()

    expect(page.get_by_text("Person 'Ioana Marin' updated")).to_be_visible()
    page.get_by_role("link", name="Ioana Marin").first.click()
    suburbs = previous.get_by_label("Suburb")
    expect(suburbs).to_have_count(1)
    expect(suburbs).to_have_value("Fitzroy")
    shoot(page)


ADMIN_PAGES = [
    "/admin/pages/",
    "/admin/pages/{page}/edit/",
    "/admin/pages/{page}/edit/preview/",
    "/admin/images/",
    "/admin/images/add/",
    "/admin/snippets/jobs/job/",
    "/admin/snippets/jobs/feedpartner/add/",
    "/admin/reports/site-history/",
    "/django-admin/",
    "/django-admin/jobs/job/add/",
    "/django-admin/people/person/add/",
    "/",
]


def test_no_page_for_editors_breaks_the_content_policy(page: Page, site: Site) -> None:
    log_in(page, site)
    page.goto("/gardens/")
    edit = page.locator("a[href*='/edit/']").get_attribute("href")
    number = edit.rstrip("/").split("/")[-2]

    for address in ADMIN_PAGES:
        response = page.goto(address.format(page=number), wait_until="networkidle")

        assert response.ok, address
