"""The dashboard in Chromium, with real devices of the simulation."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from devices.simulated import Simulation
from tests.browser.test_accessibility import CONTRASTS
from tests.sites import Site, run

Shoot = Callable[..., None]
TIMEOUT_MS = 30_000


@contextmanager
def running(site: Site, slug: str, program: str) -> Iterator[subprocess.Popen[bytes]]:
    """A device of its own name; `program` is one of the simulation."""
    status, token, errors = run(
        "device_token", slug, f"--create=The {slug}", environ=site.environ
    )
    if status:
        status, token, errors = run("device_token", slug, environ=site.environ)
    assert status == 0, errors
    uri = site.address
    if program == "greenhouse":
        uri = site.address.replace("http", "ws", 1) + "/ws/device/"
    process = Simulation(site.address).start(program, uri, token.strip())
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


def log_in(page: Page, site: Site) -> None:
    page.goto("/admin/login/?next=/devices/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(site.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/devices/")
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=TIMEOUT_MS)


@pytest.mark.parametrize("program", ["greenhouse", "shed"])
def test_a_switch_moves_when_the_device_answers_in_every_browser(
    page: Page, chromium: Browser, site: Site, program: str
) -> None:
    slug = f"seen-{program}"
    with running(site, slug, program) as device:
        log_in(page, site)
        shown = page.locator(f'[data-device="{slug}"]')
        lamp = shown.get_by_role("switch")
        expect(shown.get_by_text("online", exact=True)).to_be_visible(
            timeout=TIMEOUT_MS
        )
        expect(lamp).to_have_attribute("aria-checked", "false")
        expect(shown.locator("canvas")).to_be_visible(timeout=TIMEOUT_MS)
        with chromium.new_context(base_url=site.address) as context:
            other = context.new_page()
            other.goto("/devices/")
            expect(other.get_by_text("Live", exact=True)).to_be_visible()
            theirs = other.locator(f'[data-device="{slug}"]')
            expect(theirs.get_by_role("switch")).to_be_disabled()

            lamp.focus()
            page.keyboard.press("Space")

            for each in (shown, theirs):
                expect(each.get_by_role("switch")).to_have_attribute(
                    "aria-checked", "true", timeout=TIMEOUT_MS
                )
                expect(each.locator("[data-said]")).to_have_text("on")
            device.kill()
            for each in (shown, theirs):
                expect(each.get_by_text("offline", exact=True)).to_be_visible(
                    timeout=TIMEOUT_MS
                )
        if program == "shed":
            return  # Once is enough: the page has patience for five seconds.
        # Nobody answers: the switch stays as the device last said.
        lamp.click()
        expect(shown.locator("[data-said]")).to_have_text(
            "no answer from the device", timeout=TIMEOUT_MS
        )
        expect(lamp).to_have_attribute("aria-checked", "true")


def test_a_lost_connection_is_said_and_found_again(
    page: Page, site: Site, shoot: Shoot
) -> None:
    routes: list[WebSocketRoute] = []
    is_cut = False

    def route(socket: WebSocketRoute) -> None:
        routes.append(socket)
        if is_cut:
            socket.close()
        else:
            socket.connect_to_server()

    page.route_web_socket(re.compile("/ws/dashboard/"), route)
    page.goto("/devices/")
    status = page.locator("[data-live]")
    expect(status).to_have_text("Live", timeout=TIMEOUT_MS)

    is_cut = True
    routes[-1].close()

    expect(status).to_contain_text("Connection lost: these readings are old")
    shoot(page)
    is_cut = False
    expect(status).to_have_text("Live", timeout=TIMEOUT_MS)


# A page whose answer is changed on its way may not open a WebSocket to loopback, so the
# policy is put into the page, before anything that follows.
POLICY = """
new MutationObserver((_, observer) => {
  if (!document.head) return;
  observer.disconnect();
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "default-src 'none'; script-src 'self'; style-src 'self';"
    + " img-src 'self'; connect-src 'self'";
  document.head.prepend(policy);
}).observe(document, { childList: true, subtree: true });
"""


def test_the_dashboard_works_below_a_strict_content_security_policy(
    page: Page,
) -> None:
    page.add_init_script(POLICY)
    # The fixture fails if the browser reports a violation.
    page.goto("/devices/")

    expect(page.locator("[data-live]")).to_have_text("Live", timeout=TIMEOUT_MS)
    expect(page.locator("canvas").first).to_be_visible(timeout=TIMEOUT_MS)
    assert page.locator("meta[http-equiv=Content-Security-Policy]").count() == 1
    source = page.request.get("/devices/").text()
    assert not re.search(r"<style| style=| on[a-z]+=|<script(?![^>]* src=)", source)


@pytest.mark.parametrize("colour_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_dashboard_fits_every_screen_and_scheme(
    page: Page, site: Site, width: int, colour_scheme: Any, shoot: Shoot
) -> None:
    page.emulate_media(color_scheme=colour_scheme)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/devices/")
    expect(page.locator("[data-live]")).to_have_text("Live", timeout=TIMEOUT_MS)

    shoot(page)

    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == []


def test_the_dashboard_has_names_for_everything(page: Page) -> None:
    page.goto("/devices/")

    for lamp in page.get_by_role("switch").all():
        assert lamp.inner_text().strip().endswith("Lamp")
    expect(page.locator("[data-plot]:not([aria-hidden])")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Devices")


def test_the_dashboard_shows_the_latest_readings_without_scripts(
    chromium: Browser, site: Site
) -> None:
    with chromium.new_context(
        base_url=site.address, java_script_enabled=False
    ) as context:
        page = context.new_page()
        page.goto("/devices/")

        expect(page.get_by_role("heading", name="Brunswick tool shed")).to_be_visible()
        expect(page.locator("[data-live]")).to_be_hidden()
        expect(page.locator("[data-last]").first).to_contain_text("last reading")
