from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.sites import Site, Sites

SCREENSHOTS = Path(__file__).resolve().parent.parent / "screenshots"
# It runs as root in containers, and nothing in it may reach the network.
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = Path(__file__).parent
    for item in items:
        if folder in item.path.parents:
            item.add_marker("browser")


# Not for the session: the ORM is refused while Playwright's event loop is there.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def site(request: pytest.FixtureRequest, sites: Sites) -> Site:
    """A running site; parametrise it indirectly to choose its search back end."""
    return sites[getattr(request, "param", "database")]


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """An empty tab on the site, which must neither complain nor leave the site."""
    complaints: list[str] = []

    def check(request: Request) -> None:
        if not request.url.startswith((site.address, "blob:", "data:")):
            complaints.append(f"asks for {request.url}")

    def listen(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    with chromium.new_context(base_url=site.address) as context:
        page = context.new_page()
        page.on("request", check)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", listen)
        yield page
    assert not complaints


@pytest.fixture
def shoot(request: pytest.FixtureRequest) -> Callable[[Page], None]:
    """Return a function that keeps a screenshot, called after the test."""
    SCREENSHOTS.mkdir(exist_ok=True)
    (SCREENSHOTS / ".gitignore").write_text("*\n")
    name = re.sub(r"\W+", "-", request.node.name.removeprefix("test_")).strip("-")

    def shoot(page: Page, suffix: str = "") -> None:
        page.screenshot(path=SCREENSHOTS / f"{name}{suffix}.png", full_page=True)

    return shoot
