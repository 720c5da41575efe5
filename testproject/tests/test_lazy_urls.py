"""The site's own addresses are lazy: each request imports the module of its view."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import clear_url_caches, reverse

MODULES = {
    f"{app}.{module}"
    for app in ("devices", "jobs", "search", "sprints")
    for module in ("urls", "views")
}


@pytest.fixture(autouse=True)
def fresh_urls() -> Iterator[None]:
    """Forget the addresses, and put them back as other tests know them."""
    names = [*MODULES, "testproject.urls"]
    before = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    clear_url_caches()
    yield
    for name in names:
        sys.modules.pop(name, None)
    sys.modules.update(before)
    clear_url_caches()


def loaded() -> set[str]:
    return MODULES & sys.modules.keys()


def test_start_up_and_checks_import_no_address_and_no_view() -> None:
    call_command("check")
    import testproject.urls  # noqa: F401

    assert loaded() == set()


def test_a_link_imports_addresses_and_no_view() -> None:
    assert reverse("jobs:feed") == "/jobs/feed/"
    assert loaded() == {"jobs.urls"}
    assert reverse("search:suggest") == "/search/suggest/"
    assert loaded() == {"jobs.urls", "search.urls"}


@pytest.mark.parametrize(
    ("address", "status", "views"),
    [
        ("/jobs/feed/", 401, {"jobs.views"}),
        ("/search/suggest/?q=", 200, {"search.views"}),
        ("/jobs/no-such-job/", 404, {"jobs.views"}),
        ("/search/", 200, {"search.views"}),
        ("/", 200, set()),  # of Wagtail, with links to jobs and search
        ("/django-admin/login/", 200, set()),
    ],
)
def test_a_request_imports_the_module_of_its_view_alone(
    client: Client, db: None, address: str, status: int, views: set[str]
) -> None:
    assert client.get(address).status_code == status
    assert {name for name in loaded() if name.endswith(".views")} == views


def test_every_address_of_the_site_can_be_loaded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("lazy_urls", "--deep")

    assert capsys.readouterr().out == "11 lazy URLs loaded: no problems.\n"
