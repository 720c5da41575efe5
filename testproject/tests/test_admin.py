"""What editors see: in Wagtail's admin and in Django's."""

from __future__ import annotations

import datetime

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from jobs.models import Job
from people.models import Address, Person

pytestmark = pytest.mark.django_db
JOBS = "/admin/snippets/jobs/job/"


def test_jobs_are_listed_with_labels_and_filtered_in_wagtail(
    admin_client: Client,
) -> None:
    everything = admin_client.get(JOBS).content.decode()
    narrowed = admin_client.get(f"{JOBS}?flags=paid&location=Werribee").content.decode()

    assert "Outdoors, Evenings or weekends" in everything
    assert "Farmhand" in narrowed
    assert "Watering coordinator" not in narrowed


def test_a_job_has_a_history_and_a_preview_in_wagtail(admin_client: Client) -> None:
    job = Job.objects.get(slug="farmhand-werribee")

    edit = admin_client.get(f"{JOBS}edit/{job.pk}/").content.decode()
    history = admin_client.get(f"{JOBS}history/{job.pk}/")
    preview = job.make_preview_request().content.decode()

    assert f"{JOBS}preview/{job.pk}/" in edit
    assert history.status_code == 200
    assert job.revisions.count() == 1
    assert "<dd>Paid, Training given, Outdoors</dd>" in preview


def test_the_dashboard_leads_to_jobs_and_people(admin_client: Client) -> None:
    text = admin_client.get("/admin/").content.decode()

    first = Job.objects.open().first()
    assert "Jobs and people" in text
    assert first is not None
    assert f"{JOBS}edit/{first.pk}/" in text
    assert f"{JOBS}?flags=step_free" in text
    assert "/django-admin/" in text


def test_the_dashboard_of_others_has_no_such_panel(
    client: Client, django_user_model: type
) -> None:
    from django.contrib.auth.models import Group

    user = django_user_model.objects.create_user("ed", password="no")  # type: ignore[attr-defined]
    user.groups.add(Group.objects.get(name="Editors"))
    client.force_login(user)

    answer = client.get("/admin/")

    assert answer.status_code == 200
    assert "Jobs and people" not in answer.content.decode()


def test_django_lists_people_by_suburb(admin_client: Client) -> None:
    path = "/django-admin/people/person/"

    everybody = admin_client.get(path).content.decode()
    of_coburg = admin_client.get(f"{path}?address__suburb=Coburg").content.decode()

    assert "Coburg (2)" in everybody
    assert "Ana Castelo" in everybody
    assert "Ana Castelo" not in of_coburg


def test_an_address_is_changed_in_django_and_leaves_a_revision(
    admin_client: Client,
) -> None:
    ana = Person.objects.get(slug="ana-castelo")
    path = f"/django-admin/people/person/{ana.pk}/change/"
    form = admin_client.get(path).context["adminform"].form
    data = {
        "name": "Ana Castelo",
        "slug": "ana-castelo",
        "role": ana.role,
        "team": ana.team,
        "skills": ["grafting"],
        "biography": ana.biography,
        "address-street": "1 New Street",
        "address-suburb": "Preston",
        "address-postcode": "3072",
        "previous_addresses-TOTAL_FORMS": "0",
        "previous_addresses-INITIAL_FORMS": "0",
    }
    assert "address" in form.fields

    answer = admin_client.post(path, data)

    assert answer.status_code == 302, answer.context["adminform"].form.errors
    ana.refresh_from_db()
    assert ana.address == Address("1 New Street", "Preston", "3072")
    assert ana.skills == ["grafting"]
    assert ana.latest_revision.as_object().address.suburb == "Preston"
    assert ana.latest_revision.user.is_superuser


def heading(today: datetime.date, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    monkeypatch.setattr(timezone, "localdate", lambda: today)
    text = Template("{% load jobs %}{% next_jobs 3 %}").render(Context())
    return text.partition("</h2>")[0].rpartition(">")[2], text


def test_the_home_page_shows_the_jobs_that_start_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    today = datetime.date(2026, 12, 1)

    title, text = heading(today, monkeypatch)

    coming = Job.objects.filter(start_date__gt=today).order_by("start_date", "slug")
    assert title == "Starting soon"
    assert [text.index(job.title) for job in coming[:3]] == sorted(
        text.index(job.title) for job in coming[:3]
    )


def test_without_jobs_to_come_the_home_page_shows_those_that_are_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    last = Job.objects.order_by("-start_date").first()
    assert last is not None

    title, text = heading(last.start_date, monkeypatch)

    assert title == "Open jobs"
    assert "<li>" in text
