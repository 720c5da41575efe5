from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags
from wagtail.models import Page

from jobs.lengths import JobLength
from jobs.models import Job
from jobs.search import find_jobs

WORDS = ["water", "Water", "paid three", "garden", "thursdays", "werribee", "zebra"]


def holds_all(job: Job, words: str) -> bool:
    text = f"{job.title} {job.location} {job.arrangement} {job.description}"
    found = re.findall(r"\w+", strip_tags(text).lower())
    return set(words.lower().split()) <= set(found)


def expected(words: str) -> list[Job]:
    return [job for job in Job.objects.open() if holds_all(job, words)]


@pytest.mark.parametrize("words", WORDS)
def test_jobs_with_all_the_words_are_found_in_order(back_end: str, words: str) -> None:
    found = find_jobs(Job.objects.open(), words, "")

    assert list(found.jobs) == expected(words)
    assert found.jobs.count() == len(expected(words))


def test_no_words_find_every_open_job_in_order(back_end: str) -> None:
    found = find_jobs(Job.objects.open(), "", "")

    assert list(found.jobs) == list(Job.objects.open())


@pytest.mark.parametrize("words", ["", "water", "paid", "zebra"])
def test_places_are_counted(back_end: str, words: str) -> None:
    jobs = expected(words) if words else Job.objects.open()

    found = find_jobs(Job.objects.open(), words, "")

    assert found.places == Counter(job.location for job in jobs)
    assert list(found.places) == sorted(found.places)


def test_a_place_narrows_the_jobs_and_not_the_counts(back_end: str) -> None:
    everywhere = find_jobs(Job.objects.open(), "paid", "")

    in_coburg = find_jobs(Job.objects.open(), "paid", "Coburg")

    assert [job for job in expected("paid") if job.location == "Coburg"] == list(
        in_coburg.jobs
    )
    assert in_coburg.places == everywhere.places


@pytest.mark.parametrize("length", JobLength)
@pytest.mark.parametrize("words", ["", "paid"])
def test_a_length_narrows_the_jobs_and_not_its_own_counts(
    back_end: str, words: str, length: JobLength
) -> None:
    jobs = expected(words) if words else list(Job.objects.open())

    found = find_jobs(Job.objects.open(), words, "", (), length)

    of_length = [job for job in jobs if length.holds(job.duration)]
    assert list(found.jobs) == of_length
    assert found.places == Counter(job.location for job in of_length)
    assert found.lengths == {
        each: sum(each.holds(job.duration) for job in jobs) for each in JobLength
    }
    assert sum(found.lengths.values()) == len(jobs)


def test_the_job_list_shows_counts_and_pages(back_end: str, client: Client) -> None:
    places = Counter(job.location for job in Job.objects.open())

    text = client.get("/jobs/?page=2").content.decode()

    assert f"{Job.objects.open().count()} open jobs" in text
    assert f'Coburg <span class="count">{places["Coburg"]}<' in text
    assert 'rel="prev"' in text
    assert 'rel="next"' in text


def test_a_job_list_of_nothing_leads_back(back_end: str, client: Client) -> None:
    text = client.get("/jobs/?q=zebra&location=Coburg").content.decode()

    assert "0 open jobs with “zebra” in Coburg" in text
    assert "see every open job" in text


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        f"q={'x' * 101}",
        "page=none",
        "page=-1",
        "location=%00",
        "q=%22+%5C+%7B",
    ],
)
@pytest.mark.parametrize("path", ["/jobs/", "/search/", "/search/suggest/"])
def test_nonsense_is_answered(
    back_end: str, client: Client, path: str, query: str
) -> None:
    assert client.get(f"{path}?{query}").status_code == 200


def test_the_site_search_finds_pages_and_jobs(back_end: str, client: Client) -> None:
    answer = client.get("/search/", {"q": "compost"})

    text = answer.content.decode()
    assert "Compost that does not smell" in text
    assert "Three bays, a fork" in text
    assert "Compost collector by bicycle" in text


def test_the_site_search_finds_people_by_any_of_their_words(
    back_end: str, client: Client
) -> None:
    by_name = client.get("/search/", {"q": "castelo"}).content.decode()
    by_role = client.get("/search/", {"q": "treasurer"}).content.decode()

    assert '<a href="/people/#ana-castelo">Ana Castelo</a>' in by_name
    assert "1 person" in by_name
    assert "Nothing holds all" not in by_name
    assert '<a href="/people/#bright-mensah">Bright Mensah</a>' in by_role


def test_more_jobs_than_shown_lead_to_the_job_list(
    back_end: str, client: Client
) -> None:
    text = client.get("/search/", {"q": "paid"}).content.decode()

    assert f'href="/jobs/?q=paid">See all {len(expected("paid"))} jobs' in text


def test_drafts_are_not_found(back_end: str, client: Client) -> None:
    Page.objects.filter(slug="compost").update(live=False)

    text = client.get("/search/", {"q": "compost"}).content.decode()

    assert "Compost that does not smell" not in text


@pytest.mark.parametrize("query", ["", "zebra"])
def test_a_search_of_nothing_says_what_to_do(
    back_end: str, client: Client, query: str
) -> None:
    text = client.get("/search/", {"q": query}).content.decode()

    assert ("Type a word or two" if not query else "Nothing holds all") in text


@pytest.mark.parametrize(
    ("typed", "suggestions"),
    [
        pytest.param(
            "wick", ["Wicking beds", "Wicking bed builder"], id="page-and-job"
        ),
        pytest.param(
            "COMP",
            ["Compost that does not smell", "Compost collector by bicycle"],
            id="capitals",
        ),
        pytest.param("saving se", ["Saving seed"], id="two-words"),
        pytest.param("cast", ["Ana Castelo"], id="person"),
        pytest.param("zebra", [], id="nothing"),
        pytest.param("", [], id="empty"),
    ],
)
def test_titles_are_suggested_while_typing(
    back_end: str, client: Client, typed: str, suggestions: list[str]
) -> None:
    answer = client.get("/search/suggest/", {"q": typed})

    assert answer.json() == {"suggestions": suggestions}


@pytest.mark.elasticsearch
@pytest.mark.django_db
@pytest.mark.parametrize("words", [*WORDS, "the", "compost", "heron", "third stone"])
def test_both_back_ends_find_the_same_pages(
    elasticsearch: dict[str, Any], settings: Any, words: str
) -> None:
    def found() -> set[str]:
        return {page.url_path for page in Page.objects.search(words, operator="and")}

    by_database = found()
    settings.WAGTAILSEARCH_BACKENDS = elasticsearch

    assert found() == by_database
