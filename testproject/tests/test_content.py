from __future__ import annotations

import datetime
from collections import Counter

import pytest
from django.core.management import call_command
from wagtail.images.models import Image
from wagtail.models import Page

from home.models import ContentPage
from jobs.models import Job
from testproject.deploy import CONTENT, STEPS

(PAGES,) = (step for step in STEPS if step.command == "import_pages")


def test_every_file_of_the_content_is_deployed() -> None:
    used = {*map(str, PAGES.arguments), *(str(step.stdin) for step in STEPS)}

    assert {str(path) for path in CONTENT.glob("*.yaml")} <= used


def test_images_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in CONTENT.glob("images/*")}

    assert len(sizes) >= 8
    assert max(sizes.values()) < 60_000


@pytest.mark.django_db
def test_the_content_is_a_site() -> None:
    assert Page.objects.live().filter(depth__gt=1).count() >= 30
    assert ContentPage.objects.filter(depth=5).exists()
    assert Image.objects.count() == len(list(CONTENT.glob("images/*")))
    assert Job.objects.count() == 40


@pytest.mark.django_db
@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_some_jobs_are_open_at_the_end_of_the_year(year: int) -> None:
    places = Counter(
        Job.objects.open(datetime.date(year, 12, 31)).values_list("location", flat=True)
    )

    assert len(places) >= 4


@pytest.mark.django_db
def test_a_second_import_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = list(
        Page.objects.values_list("pk", "latest_revision", "last_published_at")
    )

    call_command("import_pages", *PAGES.arguments)

    assert f"{len(before) - 1} pages unchanged" in capsys.readouterr().out
    after = list(Page.objects.values_list("pk", "latest_revision", "last_published_at"))
    assert after == before
