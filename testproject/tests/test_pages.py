from __future__ import annotations

import datetime
from http import HTTPStatus

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import Page, PageViewRestriction, Site

from home.models import ContentPage
from jobs.models import Job
from people.models import Person

pytestmark = pytest.mark.django_db


def text_of(client: Client, path: str, status: int = HTTPStatus.OK) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def queries_of(client: Client, path: str) -> int:
    client.get(path)  # Makes the renditions.
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(path)
    return len(queries)


def test_every_page_can_be_read(client: Client) -> None:
    paths = [page.url for page in Page.objects.live().filter(depth__gt=1)]

    for path in paths:
        assert "<h1>" in text_of(client, path)


def test_the_menu_marks_the_section_the_visitor_is_in(client: Client) -> None:
    assert 'href="/gardens/" aria-current="page"' in text_of(client, "/gardens/")
    assert 'href="/gardens/" aria-current="true"' in text_of(
        client, "/gardens/merri-bend/"
    )


def test_without_a_site_there_is_no_menu(client: Client) -> None:
    Site.objects.all().delete()

    text = text_of(client, "/search/")

    assert 'aria-label="Main"' not in text


def test_a_page_lists_the_public_pages_below_it(client: Client) -> None:
    below = ContentPage.objects.get(slug="guides", url_path__contains="gardens")
    draft, private, *shown = below.get_children()
    Page.objects.filter(pk=draft.pk).update(live=False)
    PageViewRestriction.objects.create(page=private, restriction_type="login")

    text = text_of(client, below.url)

    assert shown
    assert all(page.title in text for page in shown)
    assert draft.title not in text
    assert private.title not in text


def test_a_longer_list_of_cards_asks_no_more_of_the_database(client: Client) -> None:
    gardens, field_crews = "/gardens/", "/field-crews/"
    cards = [
        text_of(client, path).count('class="card"') for path in (gardens, field_crews)
    ]

    assert cards[0] > cards[1] > 1
    assert queries_of(client, gardens) == queries_of(client, field_crews)


def test_more_people_ask_no_more_of_the_database(client: Client) -> None:
    before = queries_of(client, "/people/")
    Person.objects.last().delete()

    assert queries_of(client, "/people/") == before


def test_people_are_listed_by_team(client: Client) -> None:
    text = text_of(client, "/people/")

    places = [text.index(team) for team in ("<h2>Gardens", "<h2>Repair", "<h2>Field")]
    assert places == sorted(places)
    assert str(Person.objects.get(slug="gita-rao")) in text


def test_a_job_has_a_page_of_its_own(client: Client) -> None:
    job = Job.objects.open().first()

    text = text_of(client, job.get_absolute_url())

    assert f"<h1>{job.title}</h1>" in text
    assert job.arrangement in text
    assert "Write to us" in text


def test_a_job_whose_term_is_over_says_so(client: Client) -> None:
    yesterday = datetime.date.today() - datetime.timedelta(days=2)
    job = Job.objects.open().first()
    Job.objects.filter(pk=job.pk).update(start_date=yesterday, end_date=yesterday)

    text = text_of(client, job.get_absolute_url())

    assert "The term of this job has ended." in text
    assert "Write to us" not in text


def test_an_unknown_job_is_not_found(client: Client) -> None:
    assert "Nothing grows here" in text_of(client, "/jobs/none/", HTTPStatus.NOT_FOUND)


def test_the_error_page_needs_nothing() -> None:
    assert "Something broke" in render_to_string("500.html")


def test_uploads_are_served(client: Client) -> None:
    person = Person.objects.get(slug="gita-rao")

    answer = client.get(person.portrait.file.url)

    assert answer.status_code == HTTPStatus.OK
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG")
