from __future__ import annotations

from collections.abc import Callable

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
