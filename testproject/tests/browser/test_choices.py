from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_editors import log_in, open_person
from tests.sites import Site

Shoot = Callable[..., None]
SCREENS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
on_both_back_ends = pytest.mark.parametrize(
    "site",
    ["database", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)],
    indirect=True,
)


def shoot_each_screen(page: Page, shoot: Shoot, height: int = 900) -> None:
    for width, colour_scheme in SCREENS:
        page.emulate_media(color_scheme=colour_scheme)
        page.set_viewport_size({"width": width, "height": height})
        shoot(page, f"-{width}-{colour_scheme}")


@pytest.mark.parametrize(
    "start",
    [
        "/django-admin/people/person/",
        "/django-admin/people/person/?skills__overlap=electronics&skills__overlap=water",
        "/django-admin/jobs/job/?flags__contains=paid",
    ],
)
def test_every_link_of_every_filter_leads_to_what_it_promises(
    page: Page, site: Site, start: str
) -> None:
    log_in(page, site)
    page.goto(start)
    links = page.locator("#changelist-filter a").all()
    promises = [(link.get_attribute("href"), link.inner_text()) for link in links]

    for href, text in promises:
        answer = page.goto(start.partition("?")[0] + href)
        assert answer.ok
        assert page.url.endswith(href)  # Bad ones are led to ?e=1.
        promised = re.search(r"\((\d+)\)$", text)
        if promised and "?" not in start:
            rows = page.locator("#result_list tbody tr")
            expect(rows).to_have_count(int(promised[1]))
    assert len(promises) > 12


def test_any_and_all_are_switched_in_the_filter(page: Page, site: Site) -> None:
    log_in(page, site)
    page.goto("/django-admin/people/person/")
    members = page.locator("#changelist-filter details").first

    members.get_by_role("link", name="Electronics").click()
    members.get_by_role("link", name="Teaching").click()
    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(4)
    members.get_by_role("link", name="All of these").click()

    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Dinh Tran")
    chosen = members.locator("li.selected")
    expect(chosen).to_have_count(3)
    members.get_by_role("link", name="Electronics").click()
    expect(rows).to_have_count(3)


def test_the_filter_is_in_keeping_with_the_admin(
    page: Page, site: Site, shoot: Shoot
) -> None:
    log_in(page, site)

    page.goto(
        "/django-admin/people/person/?skills__overlap=electronics&skills__overlap=water"
    )

    expect(page.get_by_text("Any of these")).to_be_visible()
    shoot_each_screen(page, shoot)


def test_skills_are_edited_in_wagtail(page: Page, site: Site, shoot: Shoot) -> None:
    open_person(page, site, "Hal Brennan")

    page.get_by_role("checkbox", name="First aid").check()
    shoot_each_screen(page, shoot, height=2400)
    page.get_by_role("button", name="Save").first.click()

    expect(page.get_by_text("Person 'Hal Brennan' updated")).to_be_visible()
    page.goto("/people/")
    hal = page.get_by_role("listitem").filter(has_text="Hal Brennan")
    expect(hal).to_contain_text("Ask about: Tree climbing, First aid")
    shoot(page, "-shown")


def test_two_revisions_are_compared_by_labels(
    page: Page, site: Site, shoot: Shoot
) -> None:
    open_person(page, site, "Jarrah Kelly")
    history = page.url.replace("/edit/", "/history/")
    page.get_by_role("checkbox", name="Tree climbing").uncheck()
    page.get_by_role("checkbox", name="Woodwork").check()
    page.get_by_role("button", name="Save").first.click()

    page.goto(f"{history}revisions/compare/earliest...latest/")

    change = page.locator(".comparison").filter(has_text="Woodwork")
    expect(change).to_have_text("Woodwork, Water testing, Tree climbing, First aid")
    expect(change.locator(".addition")).to_have_text("Woodwork")
    expect(change.locator(".deletion")).to_have_text("Tree climbing")
    shoot_each_screen(page, shoot)


def test_the_list_in_wagtail_is_filtered_by_skill(
    page: Page, site: Site, shoot: Shoot
) -> None:
    log_in(page, site)
    page.goto("/admin/snippets/people/person/?skills=grafting")

    expect(page.get_by_role("link", name="Ioana Marin").first).to_be_visible()
    expect(page.get_by_role("link", name="Ana Castelo")).to_have_count(0)
    shoot(page)


@on_both_back_ends
def test_the_job_list_is_narrowed_by_what_comes_with_a_job(
    page: Page, shoot: Shoot
) -> None:
    page.goto("/jobs/")

    page.get_by_role("checkbox", name=re.compile("Outdoors")).check()
    page.get_by_role("checkbox", name=re.compile("Paid")).check()
    page.get_by_role("button", name="Search the jobs").click()

    shown = page.get_by_role("listitem").filter(has=page.get_by_role("heading"))
    expect(shown.first).to_be_visible()
    for text in shown.all_inner_texts():
        assert "Outdoors" in text
        assert "Paid" in text
    expect(page.get_by_role("checkbox", name=re.compile("Outdoors"))).to_be_checked()
    shoot(page)
