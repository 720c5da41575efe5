"""The charts of our Redmine on a page of the site, without asking Redmine."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from redmine_analytics import Result, velocity
from redmine_analytics.frames import build_frames
from redmine_analytics.models import Snapshot
from redmine_analytics.read.cache import Record
from testproject.environment import redmine_options

READ_AT = datetime(2026, 10, 1, tzinfo=timezone.utc)


@pytest.fixture
def snapshot(db: None) -> Snapshot:
    """Return a snapshot of an empty project, with one chart of it."""
    result = velocity(build_frames(Record("https://redmine.example", READ_AT, [])))
    text = 'Bars of 3 "sprints" & <more>.'
    chart = Result(result.kind, result.title, text, result.table, result.facts)
    return Snapshot.objects.create(
        project="devops",
        url="https://redmine.example",
        taken_at=READ_AT,
        issue_count=62,
        results={"velocity": chart.to_dict()},
        notes=["Calibration: the 85% interval held in 86% of 500 forecasts."],
    )


@pytest.fixture
def colleague(db: None, client: Client) -> Client:
    """Return a client of somebody who may see snapshots."""
    user = get_user_model().objects.create_user("colleague")
    user.user_permissions.add(Permission.objects.get(codename="view_snapshot"))
    client.force_login(user)
    return client


def test_the_page_has_each_chart_with_its_text(
    colleague: Client, snapshot: Snapshot
) -> None:
    page = colleague.get("/sprints/").content.decode()

    [image] = re.findall(r"<figure>(<img [^>]*>)", page)
    assert 'alt="Bars of 3 &quot;sprints&quot; &amp; &lt;more&gt;."' in image
    assert "62 issues of devops" in page
    assert "Calibration" in page
    main = page.partition("<main")[2].partition("</main>")[0]
    assert "style=" not in main
    assert "<script" not in main
    source = re.findall(r'src="([^"]+)"', image)[0]
    chart = colleague.get(source)
    assert chart["Content-Type"] == "image/svg+xml"
    assert b"</svg>" in chart.content
    assert "private" in chart["Cache-Control"]


def test_before_the_first_snapshot_the_page_says_how_to_take_it(
    colleague: Client,
) -> None:
    assert "redmine_snapshot" in colleague.get("/sprints/").content.decode()


def test_a_chart_that_is_not_there_is_not_found(
    colleague: Client, snapshot: Snapshot
) -> None:
    assert colleague.get(f"/sprints/{snapshot.pk}/burndown.svg").status_code == 404
    assert colleague.get(f"/sprints/{snapshot.pk + 1}/velocity.svg").status_code == 404


def test_who_is_not_logged_in_is_asked_to_log_in(
    client: Client, snapshot: Snapshot
) -> None:
    for address in ("/sprints/", f"/sprints/{snapshot.pk}/velocity.svg"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/")


def test_the_redmine_is_the_environments() -> None:
    assert redmine_options({}, time_zone="UTC") == {}
    environ = {"REDMINE_URL": "https://r.example", "REDMINE_PROJECT": "devops"}
    assert redmine_options(environ, time_zone="Australia/Melbourne") == {
        "URL": "https://r.example",
        "TIME_ZONE": "Australia/Melbourne",
        "PROJECT": "devops",
    }
