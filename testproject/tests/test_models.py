from __future__ import annotations

import datetime
from importlib import import_module

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from wagtail.models import Page, Site

from home.models import Team
from jobs.models import FeedPartner, Job

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2027, 6, 15)


def job(slug: str, end_date: datetime.date) -> Job:
    return Job(
        slug=slug,
        title=slug,
        team=Team.REPAIR,
        location="Coburg",
        arrangement="Volunteer",
        start_date=datetime.date(2027, 1, 1),
        end_date=end_date,
        description="<p>Mend.</p>",
    )


def test_a_job_is_open_through_the_last_day_of_its_term() -> None:
    yesterday = TODAY - datetime.timedelta(days=1)
    Job.objects.all().delete()
    Job.objects.bulk_create([job("over", yesterday), job("last-day", TODAY)])

    assert [found.slug for found in Job.objects.open(TODAY)] == ["last-day"]


def test_open_jobs_come_in_the_order_of_their_last_days() -> None:
    Job.objects.all().delete()
    later = TODAY + datetime.timedelta(days=1)
    Job.objects.bulk_create([job("c", later), job("b", TODAY), job("a", later)])

    assert [found.slug for found in Job.objects.open(TODAY)] == ["b", "a", "c"]


def test_a_job_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValidationError, match="The last day is before the first day"):
        job("backwards", datetime.date(2026, 12, 31)).full_clean()


def test_a_job_is_called_by_its_title() -> None:
    assert str(Job(title="Clock repairer")) == "Clock repairer"


def test_a_partner_does_not_show_its_token() -> None:
    partner = FeedPartner(name="Board", token="hush")

    assert "hush" not in f"{partner!r}{partner}{partner.natural_key()}"


def test_the_home_page_of_the_migration_is_the_root_of_site_1() -> None:
    migration = import_module("home.migrations.0002_create_home_page")
    state = MigrationLoader(connection).project_state(
        [("home", "0002_create_home_page"), ("wagtailcore", _newest("wagtailcore"))]
    )
    Page.objects.filter(depth__gt=2).delete()

    migration.remove_home_page(state.apps, None)
    assert not Page.objects.filter(slug="home").exists()

    migration.create_home_page(state.apps, None)
    site = Site.objects.get(pk=1)
    assert site.is_default_site
    assert site.root_page.url_path == "/home/"
    assert not any(Page.find_problems())


def _newest(app: str) -> str:
    loader = MigrationLoader(connection)
    return max(name for label, name in loader.disk_migrations if label == app)
